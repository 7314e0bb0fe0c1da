using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// An architecture as data: everything that <see cref="Decoder"/> needs besides the weights. Immutable; knows nothing of
/// files (see <see cref="ModelConfigJson"/>), of tokens' meaning, or of how the model was trained.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>The family; only "llama" (RMSNorm before each block, RoPE, grouped-query attention, SwiGLU) exists now.</summary>
    public string Architecture { get; init; } = "llama";

    /// <summary>V: rows of the embedding table and of the output head.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D: the width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>F: the width inside the feed-forward block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>L: how many decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>H: query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Hkv: key and value heads; divides <see cref="Heads"/>.</summary>
    public required int KVHeads { get; init; }

    /// <summary>Dh: the width of one head; a multiple of 16. H * Dh need not equal D.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Added to the mean square before the root, in (0, 1).</summary>
    public float RmsNormEpsilon { get; init; } = 1e-5f;

    /// <summary>The base of the rotary angles: position p turns pair i by p * theta^(-2i / Dh).</summary>
    public float RopeTheta { get; init; } = 10_000f;

    /// <summary>Which elements of a head form a rotated pair: (i, i + Dh/2) or (2i, 2i + 1).</summary>
    public RotaryStyle RopeStyle { get; init; } = RotaryStyle.Neox;

    /// <summary>The most positions a sequence may have.</summary>
    public required int ContextLength { get; init; }

    /// <summary>True when the output head is the embedding table.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>How many numbers the model learns; a tied head counts once.</summary>
    public long ParameterCount => ParameterLayout.Of(this).Sum(spec => spec.Shape.Count);

    /// <summary>Throws <see cref="ModelFormatException"/> with one sentence naming the first field that is wrong; returns this.</summary>
    public ModelConfig Validate()
    {
        Require(string.Equals(Architecture, "llama", StringComparison.Ordinal), "model_type", $"\"{Architecture}\" is not supported; \"llama\" is");
        RequireRange(VocabularySize, 2, 1 << 24, "vocab_size");
        RequireRange(HiddenSize, 1, 1 << 18, "hidden_size");
        RequireRange(IntermediateSize, 1, 1 << 20, "intermediate_size");
        RequireRange(Layers, 1, 4096, "num_hidden_layers");
        RequireRange(Heads, 1, 4096, "num_attention_heads");
        RequireRange(KVHeads, 1, Heads, "num_key_value_heads");
        RequireRange(HeadDim, 2, 4096, "head_dim");
        RequireRange(ContextLength, 1, 1 << 26, "max_position_embeddings");
        Require(Heads % KVHeads == 0, "num_key_value_heads", $"{KVHeads} must divide the {Heads} attention heads");
        Require(HeadDim % 16 == 0, "head_dim", $"{HeadDim} must be a multiple of 16, because the kernels work on lanes of 16");
        Require((long)Heads * HeadDim <= 1 << 20, "head_dim", $"{Heads} heads of {HeadDim} are wider than {1 << 20}");
        Require(RmsNormEpsilon is > 0f and < 1f, "rms_norm_eps", $"{RmsNormEpsilon:R} must lie between 0 and 1");
        Require(float.IsFinite(RopeTheta) && RopeTheta >= 1f, "rope_theta", $"{RopeTheta:R} must be a finite number of at least 1");
        Require(Enum.IsDefined(RopeStyle), "rope_interleaved", $"{RopeStyle} is not a rotary style");
        return this;
    }

    private static void RequireRange(int value, int least, int most, string field) =>
        Require(value >= least && value <= most, field, $"{value} must lie between {least} and {most}");

    private static void Require(bool holds, string field, string problem)
    {
        if (!holds)
        {
            throw new ModelFormatException($"The model configuration is not usable: {field} {problem}.") { Field = field };
        }
    }
}
