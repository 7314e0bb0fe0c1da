namespace Parley.Models;

/// <summary>Which layers have a sliding window or are not rotated, as the config.json of each family states it.</summary>
internal static class HuggingFaceLayers
{
    private const int MostLayers = 4096; // a hostile count is refused by Validate, not by memory
    private const int UsualWindow = 4096; // of the classes that have one unless they are told otherwise: Gemma's, and Qwen's where use_sliding_window is set
    private const int UsualFullLayers = 28; // max_window_layers of Qwen's classes

    public static ModelConfig Read(JsonFields fields, ModelConfig config)
    {
        var layers = Math.Clamp(config.Layers, 0, MostLayers);
        config = config with { UnrotatedLayers = Unrotated(fields, config, layers) };
        var usual = config.PostNorms || (IsQwen(config) && !fields.Names("sliding_window")) ? UsualWindow : 0;
        var window = fields.Integer("sliding_window", usual);
        var windowed = window > 0 ? Windowed(fields, config, layers) : LayerSet.None;
        return config with { SlidingWindow = windowed.IsEmpty ? 0 : window, WindowedLayers = windowed };
    }

    private static LayerSet Unrotated(JsonFields fields, ModelConfig config, int layers)
    {
        var rotated = fields.Integers("no_rope_layers"); // 1 for a layer that is rotated
        var interval = fields.Integer("no_rope_layer_interval", 0);
        return rotated.Count > 0 ? LayerSet.Where(Math.Min(layers, rotated.Count), layer => rotated[layer] == 0)
            : interval > 0 ? LayerSet.Where(layers, layer => layer % interval == interval - 1)
            : config.UnrotatedLayers;
    }

    private static bool IsQwen(ModelConfig config) => config.Architecture is "qwen2" or "qwen3" or "qwen3moe";

    private static LayerSet Windowed(JsonFields fields, ModelConfig config, int layers)
    {
        // The classes of these have no window, whatever a derived file has kept.
        if (config.Architecture is "llama" or "granite" or "gpt2" || !fields.Flag("use_sliding_window", !IsQwen(config) && config.Architecture is not "smollm3"))
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
            "smollm3" => config.UnrotatedLayers,
            "qwen2" or "qwen3" => From(fields.Integer("max_window_layers", UsualFullLayers)),
            "qwen3moe" => From(fields.Integer("max_window_layers", 0)),
            _ => LayerSet.All(layers),
        };

        LayerSet From(int first) => LayerSet.Where(layers, layer => layer >= first);
    }
}
