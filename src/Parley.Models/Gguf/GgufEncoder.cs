namespace Parley.Models;

/// <summary>What makes a GGUF model one for embeddings: whether its attention is causal, how it pools, and the tensors that only bert and its kin have.</summary>
internal static class GgufEncoder
{
    public static ModelConfig Read(GgufKeys keys, GgufReader reader, ModelConfig config)
    {
        var types = reader.Tensors.TryGetValue("token_types.weight", out var table) ? table.Shape[0] : 0;
        var classes = reader.Tensors.TryGetValue("cls.output.weight", out var scores) ? scores.Shape[0] : 0;
        return config with
        {
            Causal = keys.Flag("attention.causal", config.Causal),
            Pooling = ReadPooling(keys, config, classes),
            TokenTypes = types,
            Classes = classes,
            ClassifierDense = classes > 0 && reader.Tensors.ContainsKey("cls.weight"),
        };
    }

    // llama.h, llama_pooling_type. Without the key llama.cpp pools nothing; a bert then has its family's.
    private static Pooling ReadPooling(GgufKeys keys, ModelConfig config, int classes) => keys.Integer("pooling_type", -1) switch
    {
        -1 => classes > 0 ? Pooling.Rank : config.Pooling,
        0 => config.Pooling,
        1 => Pooling.Mean,
        2 => Pooling.First,
        3 => Pooling.Last,
        4 => Pooling.Rank,
        var other => throw keys.Error("pooling_type", $"{other} is not a kind of pooling that is known (0 to 4 are). Convert the model again."),
    };

    public static void Write(ModelConfig config, GgufMetadata metadata, Action<string, GgufValue> put)
    {
        if (config.TokenTypes > 0)
        {
            metadata["tokenizer.ggml.token_type_count"] = (uint)config.TokenTypes;
        }

        if (!config.Causal)
        {
            put("attention.causal", false);
        }

        if (config.Pooling != Pooling.None)
        {
            put("pooling_type", config.Pooling switch { Pooling.Mean => 1u, Pooling.First => 2u, Pooling.Last => 3u, _ => 4u });
        }
    }
}
