using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// <see cref="ModelConfig"/> from the metadata keys and tensor names of a GGUF file, as llama.cpp understands them. Keys that would change
/// the numbers and are not implemented are refused by name.
/// </summary>
internal static class GgufConfig
{
    private const int LeastTensorsOfLayer = 6; // norm, query-key-value, output; norm, up, down
    private const int LeastBytesOfExpert = 64; // in one matrix; those that are met have thousands

    public static ModelConfig Read(GgufReader reader)
    {
        var metadata = reader.Metadata;
        var architecture = metadata.Text("general.architecture");
        var family = ModelFamily.ByGgufName(architecture)
            ?? throw metadata.Error("general.architecture", $"the architecture {ModelFamily.Refusal(architecture)}");
        var keys = new GgufKeys(metadata, family.GgufName);
        if (keys.Integer("expert_count", 0) > 0 && string.Equals(family.Name, "llama", StringComparison.Ordinal))
        {
            family = ModelFamily.Require("mixtral"); // llama.cpp calls both llama
        }

        try
        {
            var config = Fill(keys, reader, family.Traits(Sizes(keys, reader, family))).Validate();
            RequireLayers(keys, reader, config);
            RequireExperts(keys, reader, config);
            return config;
        }
        catch (ModelFormatException error) when (error.File is null)
        {
            throw ModelFormatException.At(metadata.Source, error.Field, null, error.Message, error);
        }
    }

    private static ModelConfig Sizes(GgufKeys keys, GgufReader reader, ModelFamily family)
    {
        var heads = keys.Integer("attention.head_count");
        var hidden = keys.Integer("embedding_length");
        var inner = keys.Integer("feed_forward_length");
        var headDim = keys.Integer("attention.key_length", heads > 0 ? hidden / heads : 0);
        var experts = keys.Integer("expert_count", 0);
        keys.RequireEqual("attention.value_length", headDim, "values of another width than keys");
        return new ModelConfig
        {
            Architecture = family.Name,
            // Older converters leave the key out; the embedding table tells.
            VocabularySize = keys.Integer("vocab_size", reader.Tensors.TryGetValue(GgufNames.Embedding, out var table) ? table.Shape[0] : 0),
            HiddenSize = hidden,
            IntermediateSize = experts > 0 ? keys.Integer("expert_feed_forward_length", inner) : inner,
            Layers = keys.Integer("block_count"),
            Heads = heads,
            KVHeads = keys.Integer("attention.head_count_kv", heads),
            HeadDim = headDim,
            ContextLength = keys.Integer("context_length"),
            Experts = experts,
            ExpertsPerToken = keys.Integer("expert_used_count", 0),
        };
    }

    private static ModelConfig Fill(GgufKeys keys, GgufReader reader, ModelConfig traits)
    {
        bool Has(string tensor) => reader.Tensors.ContainsKey("blk.0." + tensor);
        var rotary = keys.Integer("rope.dimension_count", traits.HeadDim);
        keys.RequireEqual("expert_shared_count", 0, "an expert that every token shares");
        var config = traits with
        {
            NormEpsilon = keys.Number(traits.Norm == NormKind.Layer ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"),
            RopeTheta = keys.Number("rope.freq_base", 10_000f),
            RopeStyle = RotaryStyle.Neox, // the loader brings the rows into this order
            RotaryDim = rotary == traits.HeadDim ? 0 : rotary,
            RopeScaling = GgufRopeScaling.Read(keys, reader, traits.ContextLength),
            TieEmbeddings = !reader.Tensors.ContainsKey(GgufNames.Output),
            QueryKeyValueBias = Has("attn_q.bias") || Has("attn_qkv.bias"),
            OutputBias = Has("attn_output.bias"),
            MlpBias = Has("ffn_up.bias"),
            AttentionScale = keys.Number("attention.scale", traits.AttentionScale),
            EmbeddingScale = keys.Number("embedding_scale", traits.EmbeddingScale),
            ResidualScale = keys.Number("residual_scale", traits.ResidualScale),
            LogitScale = keys.Number("logit_scale", traits.LogitScale),
            UnrotatedLayers = keys.Flag("rope.scaling.finetuned", absent: true) || !string.Equals(traits.Architecture, "granite", StringComparison.Ordinal)
                ? traits.UnrotatedLayers
                : LayerSet.All(traits.Layers), // Granite's switch for no rotation at all
        };
        return GgufEncoder.Read(keys, reader, Windowed(keys, Capped(keys, config)));
    }

    // Before a list of all layers' tensors is made: a few bytes of metadata may ask for thousands.
    private static void RequireLayers(GgufKeys keys, GgufReader reader, ModelConfig config)
    {
        if ((long)config.Layers * LeastTensorsOfLayer > reader.Tensors.Count)
        {
            throw keys.Error("block_count", $"asks for {config.Layers} layers, but the file has only {reader.Tensors.Count} tensors. Use a complete model file.");
        }
    }

    // Before a list of all experts' tensors is made: as many as the metadata says lie in each layer, and not as a few bytes each.
    private static void RequireExperts(GgufKeys keys, GgufReader reader, ModelConfig config)
    {
        for (var layer = 0; config.Experts > 0 && layer < config.Layers; layer++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.ffn_gate_exps.weight");
            if (!reader.Tensors.TryGetValue(name, out var info) || info.Shape.Rank != 3 || info.Shape[0] != config.Experts)
            {
                throw keys.Metadata.Error(name, $"must hold {config.Experts} experts, as the metadata says. Convert the model again with the experts of a layer in one tensor.");
            }

            if (info.ByteCount / config.Experts < LeastBytesOfExpert)
            {
                throw keys.Error("expert_count", $"asks for {config.Experts} experts, but '{name}' has only {info.ByteCount} bytes for them. Convert the model again.");
            }
        }
    }

    private static ModelConfig Capped(GgufKeys keys, ModelConfig config)
    {
        var isGemma2 = string.Equals(config.Architecture, "gemma2", StringComparison.Ordinal);
        return config with
        {
            AttentionSoftCap = keys.Number("attn_logit_softcapping", isGemma2 ? 50f : 0f),
            LogitSoftCap = keys.Number("final_logit_softcapping", isGemma2 ? 30f : 0f),
        };
    }

    private static ModelConfig Windowed(GgufKeys keys, ModelConfig config)
    {
        var (window, period) = config.Architecture switch
        {
            "gemma2" => (4096, 2),
            "gemma3" => (0, 6),
            _ => (0, 0),
        };
        window = keys.Integer("attention.sliding_window", window);
        var layers = Math.Clamp(config.Layers, 0, 4096); // a hostile count is refused by Validate, not by memory
        var pattern = keys.TryGet("attention.sliding_window_pattern", out var value) && value!.Content is bool[] flags
            ? LayerSet.Where(Math.Min(layers, flags.Length), layer => flags[layer])
            : LayerSet.AllButEvery(keys.Integer("attention.sliding_window_pattern", period), layers);
        return config with
        {
            SlidingWindow = window,
            WindowedLayers = window > 0 ? pattern : LayerSet.None,
            LocalRopeTheta = config.LocalRopeTheta == 0 ? 0 : keys.Number("rope.freq_base_swa", config.LocalRopeTheta),
            // llama.cpp knows the two sizes whose scores are scaled by the model's width.
            AttentionScale = (config.Architecture, config.Layers) is ("gemma2", 46) or ("gemma3", 62)
                ? 1 / MathF.Sqrt((float)config.HiddenSize / config.Heads)
                : config.AttentionScale,
        };
    }
}
