using Parley.Tensors;

namespace Parley.Models;

/// <summary>One tensor of a model: its Hugging Face name, its shape, and what it does (which decides how it starts).</summary>
/// <param name="Layer">The decoder layer it belongs to, or -1.</param>
public sealed record ParameterSpec(string Name, Shape Shape, ParameterRole Role, int Layer);

/// <summary>What a tensor does in the decoder.</summary>
public enum ParameterRole
{
    /// <summary>The embedding table or the untied output head.</summary>
    Vocabulary,

    /// <summary>An RMSNorm gain; starts at one, always stored as F32.</summary>
    Norm,

    /// <summary>A query or key projection, whose rows GGUF stores in the order of interleaved pairs.</summary>
    Rotated,

    /// <summary>A projection inside a block.</summary>
    Projection,

    /// <summary>A projection that adds to the residual stream (attention output, MLP down).</summary>
    Residual,
}

/// <summary>
/// The list of tensors that a configuration asks for, in the one order used everywhere: initialisation, parameters,
/// hashing, export. Pure; allocates no tensor.
/// </summary>
public static class ParameterLayout
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    /// <summary>Every tensor of the model, weights as [out, in] (a row is one output's weights).</summary>
    public static IReadOnlyList<ParameterSpec> Of(ModelConfig config)
    {
        var specs = new List<ParameterSpec>
        {
            new(Embedding, new Shape(config.VocabularySize, config.HiddenSize), ParameterRole.Vocabulary, -1), // [V, D]
        };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            specs.AddRange(OfLayer(config, layer));
        }

        specs.Add(new(FinalNorm, new Shape(config.HiddenSize), ParameterRole.Norm, -1)); // [D]
        if (!config.TieEmbeddings)
        {
            specs.Add(new(Head, new Shape(config.VocabularySize, config.HiddenSize), ParameterRole.Vocabulary, -1)); // [V, D]
        }

        return specs;
    }

    /// <summary>The prefix of a layer's names: <c>model.layers.3.</c></summary>
    public static string Prefix(int layer) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"model.layers.{layer}.");

    private static IEnumerable<ParameterSpec> OfLayer(ModelConfig config, int layer)
    {
        var prefix = Prefix(layer);
        var (width, inner) = (config.HiddenSize, config.IntermediateSize);
        var (queries, keys) = (config.Heads * config.HeadDim, config.KVHeads * config.HeadDim);
        yield return new(prefix + "input_layernorm.weight", new Shape(width), ParameterRole.Norm, layer); // [D]
        yield return new(prefix + "self_attn.q_proj.weight", new Shape(queries, width), ParameterRole.Rotated, layer); // [H * Dh, D]
        yield return new(prefix + "self_attn.k_proj.weight", new Shape(keys, width), ParameterRole.Rotated, layer); // [Hkv * Dh, D]
        yield return new(prefix + "self_attn.v_proj.weight", new Shape(keys, width), ParameterRole.Projection, layer); // [Hkv * Dh, D]
        yield return new(prefix + "self_attn.o_proj.weight", new Shape(width, queries), ParameterRole.Residual, layer); // [D, H * Dh]
        yield return new(prefix + "post_attention_layernorm.weight", new Shape(width), ParameterRole.Norm, layer); // [D]
        yield return new(prefix + "mlp.gate_proj.weight", new Shape(inner, width), ParameterRole.Projection, layer); // [F, D]
        yield return new(prefix + "mlp.up_proj.weight", new Shape(inner, width), ParameterRole.Projection, layer); // [F, D]
        yield return new(prefix + "mlp.down_proj.weight", new Shape(width, inner), ParameterRole.Residual, layer); // [D, F]
    }
}
