using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>One tensor of a model: its name, its shape, and what it does (which decides how it starts and is stored).</summary>
/// <param name="Layer">The decoder layer it belongs to, or -1.</param>
public sealed record ParameterSpec(string Name, Shape Shape, ParameterRole Role, int Layer)
{
    /// <summary>Which expert of the layer it belongs to, or -1.</summary>
    public int Expert { get; init; } = -1;

    /// <summary>True for what is always stored as F32: gains, biases, routers.</summary>
    public bool IsExact => Role is ParameterRole.Norm or ParameterRole.Bias or ParameterRole.RotatedBias or ParameterRole.Router;

    /// <summary>The name within its layer (and expert): <c>self_attn.q_proj.weight</c>.</summary>
    public string LocalName => Expert >= 0
        ? "mlp.experts." + Name[(Name.LastIndexOf('.', Name.LastIndexOf('.') - 1) + 1)..]
        : Layer < 0 ? Name : Name[ParameterLayout.Prefix(Layer).Length..];
}

/// <summary>What a tensor does in the decoder.</summary>
public enum ParameterRole
{
    /// <summary>The embedding table, the table of positions, or the untied output head.</summary>
    Vocabulary,

    /// <summary>A norm's gain; starts at one, always stored as F32.</summary>
    Norm,

    /// <summary>A query or key projection, whose rows some GGUF files store in the order of interleaved pairs.</summary>
    Rotated,

    /// <summary>A projection inside a block.</summary>
    Projection,

    /// <summary>A projection that adds to the residual stream (attention output, MLP down).</summary>
    Residual,

    /// <summary>A bias of a projection or norm; starts at zero, always stored as F32.</summary>
    Bias,

    /// <summary>The bias of a <see cref="Rotated"/> projection, in the order of its rows.</summary>
    RotatedBias,

    /// <summary>The scores of the experts; always stored as F32, because a rounded score may choose another expert.</summary>
    Router,
}

/// <summary>
/// The list of tensors that a configuration asks for, in the one order used everywhere: initialisation, parameters,
/// hashing, export. Names are Hugging Face's for Llama and its kin; other files' names are mapped to them. Pure; allocates no tensor.
/// </summary>
public static class ParameterLayout
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string Positions = "model.embed_positions.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string FinalNormBias = "model.norm.bias";
    public const string Head = "lm_head.weight";
    public const string TokenTypes = "model.embed_token_types.weight";
    public const string EmbeddingNorm = "model.embed_norm";
    public const string ClassifierDense = "classifier.dense";
    public const string ClassifierScores = "classifier.scores";

    /// <summary>Every tensor of the model, weights as [out, in] (a row is one output's weights).</summary>
    public static IReadOnlyList<ParameterSpec> Of(ModelConfig config)
    {
        var specs = new List<ParameterSpec>
        {
            new(Embedding, new Shape(config.VocabularySize, config.HiddenSize), ParameterRole.Vocabulary, -1), // [V, D]
        };
        if (config.LearnedPositions)
        {
            specs.Add(new(Positions, new Shape(config.ContextLength, config.HiddenSize), ParameterRole.Vocabulary, -1)); // [C, D]
        }

        if (config.TokenTypes > 0)
        {
            specs.Add(new(TokenTypes, new Shape(config.TokenTypes, config.HiddenSize), ParameterRole.Vocabulary, -1)); // [types, D]
        }

        if (config.EmbeddingNorm)
        {
            specs.AddRange(Pair(EmbeddingNorm, new Shape(config.HiddenSize), ParameterRole.Norm)); // [D]
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            specs.AddRange(new LayerLayout(config, layer).Specs());
        }

        specs.AddRange(End(config));
        return specs;
    }

    /// <summary>The prefix of a layer's names: <c>model.layers.3.</c></summary>
    public static string Prefix(int layer) => string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}.");

    /// <summary>The prefix of an expert's names: <c>model.layers.3.mlp.experts.5.</c></summary>
    public static string ExpertPrefix(int layer, int expert) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(layer)}mlp.experts.{expert}.");

    private static IEnumerable<ParameterSpec> End(ModelConfig config)
    {
        var width = config.HiddenSize;
        if (!config.NormsAfterResidual)
        {
            yield return new(FinalNorm, new Shape(width), ParameterRole.Norm, -1); // [D]
            if (config.Norm == NormKind.Layer)
            {
                yield return new(FinalNormBias, new Shape(width), ParameterRole.Bias, -1); // [D]
            }
        }

        if (!config.TieEmbeddings)
        {
            yield return new(Head, new Shape(config.VocabularySize, width), ParameterRole.Vocabulary, -1); // [V, D]
        }

        foreach (var spec in Classifier(config))
        {
            yield return spec;
        }
    }

    private static IEnumerable<ParameterSpec> Classifier(ModelConfig config) => config.Classes == 0 ? [] :
    [
        .. config.ClassifierDense ? Pair(ClassifierDense, new Shape(config.HiddenSize, config.HiddenSize), ParameterRole.Projection) : [], // [D, D]
        .. Pair(ClassifierScores, new Shape(config.Classes, config.HiddenSize), ParameterRole.Projection), // [classes, D]
    ];

    private static IEnumerable<ParameterSpec> Pair(string name, Shape shape, ParameterRole role) =>
        [new(name + ".weight", shape, role, -1), new(name + ".bias", new Shape(shape[0]), ParameterRole.Bias, -1)];
}
