namespace Parley.Models;

/// <summary>Which layers have a sliding window or are not rotated, as the config.json of each family states it.</summary>
internal static class HuggingFaceLayers
{
    private const int MostLayers = 4096; // a hostile count is refused by Validate, not by memory

    public static ModelConfig Read(JsonFields fields, ModelConfig config)
    {
        var layers = Math.Clamp(config.Layers, 0, MostLayers);
        var window = fields.Integer("sliding_window", config.PostNorms ? 4096 : 0);
        var windowed = window > 0 ? Windowed(fields, config, layers) : LayerSet.None;
        var rotated = fields.Integers("no_rope_layers"); // 1 for a layer that is rotated
        var interval = fields.Integer("no_rope_layer_interval", 0);
        return config with
        {
            SlidingWindow = windowed.IsEmpty ? 0 : window,
            WindowedLayers = windowed,
            UnrotatedLayers = rotated.Count > 0 ? LayerSet.Where(Math.Min(layers, rotated.Count), layer => rotated[layer] == 0)
                : interval > 0 ? LayerSet.Where(layers, layer => layer % interval == interval - 1)
                : config.UnrotatedLayers,
        };
    }

    private static LayerSet Windowed(JsonFields fields, ModelConfig config, int layers)
    {
        if (!fields.Flag("use_sliding_window", config.Architecture is not ("qwen2" or "qwen3" or "qwen3moe" or "smollm3")))
        {
            return LayerSet.None;
        }

        if (fields.Has("layer_types"))
        {
            var marks = fields.Matches("layer_types", "sliding_attention");
            return LayerSet.Where(Math.Min(layers, marks.Count), layer => marks[layer]);
        }

        return config.Architecture switch
        {
            "gemma2" => LayerSet.AllButEvery(2, layers),
            "gemma3" => LayerSet.AllButEvery(fields.Integer("sliding_window_pattern", 6), layers),
            _ => LayerSet.Where(layers, layer => layer >= fields.Integer("max_window_layers", 0)),
        };
    }
}
