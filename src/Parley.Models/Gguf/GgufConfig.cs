using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// <see cref="ModelConfig"/> to and from the metadata keys of architecture "llama". Keys that would change the numbers and
/// are not implemented (rotary scaling, experts, partial rotation, unequal key and value widths) are refused by name.
/// </summary>
internal static class GgufConfig
{
    private const string Prefix = "llama.";

    public static ModelConfig Read(GgufReader reader)
    {
        var metadata = reader.Metadata;
        var architecture = metadata.Text("general.architecture");
        if (!string.Equals(architecture, "llama", StringComparison.Ordinal))
        {
            throw metadata.Error("general.architecture", $"the architecture \"{architecture}\" is not supported; \"llama\" is. Use a Llama-style model.");
        }

        var config = ReadFields(metadata, reader);
        RefuseUnsupported(metadata, config);
        try
        {
            return config.Validate();
        }
        catch (ModelFormatException error)
        {
            throw ModelFormatException.At(metadata.Source, error.Field, null, error.Message, error);
        }
    }

    public static void Write(ModelConfig config, GgufMetadata metadata)
    {
        metadata[Prefix + "vocab_size"] = (uint)config.VocabularySize;
        metadata[Prefix + "context_length"] = (uint)config.ContextLength;
        metadata[Prefix + "embedding_length"] = (uint)config.HiddenSize;
        metadata[Prefix + "block_count"] = (uint)config.Layers;
        metadata[Prefix + "feed_forward_length"] = (uint)config.IntermediateSize;
        metadata[Prefix + "attention.head_count"] = (uint)config.Heads;
        metadata[Prefix + "attention.head_count_kv"] = (uint)config.KVHeads;
        metadata[Prefix + "attention.key_length"] = (uint)config.HeadDim;
        metadata[Prefix + "attention.value_length"] = (uint)config.HeadDim;
        metadata[Prefix + "attention.layer_norm_rms_epsilon"] = config.RmsNormEpsilon;
        metadata[Prefix + "rope.dimension_count"] = (uint)config.HeadDim;
        metadata[Prefix + "rope.freq_base"] = config.RopeTheta;
    }

    private static ModelConfig ReadFields(GgufMetadata metadata, GgufReader reader)
    {
        var heads = metadata.Integer(Prefix + "attention.head_count");
        var hidden = metadata.Integer(Prefix + "embedding_length");
        return new ModelConfig
        {
            VocabularySize = Vocabulary(metadata, reader),
            HiddenSize = hidden,
            IntermediateSize = metadata.Integer(Prefix + "feed_forward_length"),
            Layers = metadata.Integer(Prefix + "block_count"),
            Heads = heads,
            KVHeads = metadata.Integer(Prefix + "attention.head_count_kv", heads),
            HeadDim = metadata.Integer(Prefix + "attention.key_length", heads > 0 ? hidden / heads : 0),
            ContextLength = metadata.Integer(Prefix + "context_length"),
            RmsNormEpsilon = metadata.Number(Prefix + "attention.layer_norm_rms_epsilon"),
            RopeTheta = metadata.Number(Prefix + "rope.freq_base", 10_000f),
            RopeStyle = RotaryStyle.Neox, // the loader brings the rows into this order
            TieEmbeddings = !reader.Tensors.ContainsKey(GgufNames.Output),
        };
    }

    // Older converters leave the key out; the embedding table tells.
    private static int Vocabulary(GgufMetadata metadata, GgufReader reader) =>
        metadata.Integer(Prefix + "vocab_size", reader.Tensors.TryGetValue(GgufNames.Embedding, out var table) ? table.Shape[0] : 0);

    private static void RefuseUnsupported(GgufMetadata metadata, ModelConfig config)
    {
        RequireEqual(metadata, Prefix + "rope.dimension_count", config.HeadDim, "rotation of a part of each head");
        RequireEqual(metadata, Prefix + "attention.value_length", config.HeadDim, "values of another width than keys");
        RequireEqual(metadata, Prefix + "expert_count", 0, "a mixture of experts");
        var scaling = metadata.Text(Prefix + "rope.scaling.type", "none");
        if (!string.Equals(scaling, "none", StringComparison.Ordinal))
        {
            throw metadata.Error(Prefix + "rope.scaling.type", $"rotary scaling \"{scaling}\" is not supported yet. Use a model without it.");
        }

        foreach (var key in (ReadOnlySpan<string>)["rope.scale_linear", "attention.scale", "logit_scale", "attention.sliding_window"])
        {
            if (metadata.Contains(Prefix + key))
            {
                throw metadata.Error(Prefix + key, "this setting is not supported yet. Use a model without it.");
            }
        }
    }

    private static void RequireEqual(GgufMetadata metadata, string key, int expected, string meaning)
    {
        if (metadata.Integer(key, expected) != expected)
        {
            throw metadata.Error(key, $"{meaning} is not supported yet. Use a model without it.");
        }
    }
}
