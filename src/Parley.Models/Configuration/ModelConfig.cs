using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// An architecture as data: everything that <see cref="Decoder"/> needs besides the weights. Immutable; what is not said is a plain
/// Llama. Knows nothing of files (see <see cref="ModelConfigJson"/>), of tokens' meaning, or of how the model was trained.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>The family, one of <see cref="ModelFamily.Names"/>: how files name the tensors. What is computed stands in the other fields.</summary>
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

    /// <summary>Dh: the width of one head; even where heads are turned. H * Dh need not equal D.</summary>
    public required int HeadDim { get; init; }

    /// <summary>The most positions a sequence may have.</summary>
    public required int ContextLength { get; init; }

    /// <summary>True when the output head is the embedding table.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>RMSNorm, or LayerNorm with a bias.</summary>
    public NormKind Norm { get; init; }

    /// <summary>Added to the mean square (or variance) before the root, in (0, 1).</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>True when attention and feed-forward are normalised behind as well, before they are added to the stream (Gemma).</summary>
    public bool PostNorms { get; init; }

    /// <summary>True when each query and key head is normalised before it is turned (Qwen 3, Gemma 3).</summary>
    public bool QueryKeyNorms { get; init; }

    /// <summary>True when the query, key and value projections have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>True when the attention's output projection has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>True when the feed-forward projections have biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>The nonlinearity of the feed-forward block.</summary>
    public Activation Activation { get; init; }

    /// <summary>True for down(act(gate(x)) * up(x)), false for down(act(up(x))).</summary>
    public bool GatedMlp { get; init; } = true;

    /// <summary>True when positions are rows added to the embeddings (GPT-2), false when heads are turned.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>The base of the rotary angles: position p turns pair i by p * theta^(-2i / R).</summary>
    public float RopeTheta { get; init; } = 10_000f;

    /// <summary>Which elements of a head form a rotated pair: (i, i + R/2) or (2i, 2i + 1).</summary>
    public RotaryStyle RopeStyle { get; init; } = RotaryStyle.Neox;

    /// <summary>R: how many elements of a head are rotated, the first ones; 0 for all. Even.</summary>
    public int RotaryDim { get; init; }

    /// <summary>How the frequencies are stretched for long contexts; null for not at all.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The base in layers with a sliding window, without scaling (Gemma 3); 0 when all layers rotate alike.</summary>
    public float LocalRopeTheta { get; init; }

    /// <summary>Layers whose heads are not rotated (SmolLM3).</summary>
    public LayerSet UnrotatedLayers { get; init; }

    /// <summary>W: in <see cref="WindowedLayers"/> a token sees itself and the W - 1 before it; 0 when there are none.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Layers whose attention has the sliding window.</summary>
    public LayerSet WindowedLayers { get; init; }

    /// <summary>What scores are multiplied by; 0 for 1 / sqrt(Dh).</summary>
    public float AttentionScale { get; init; }

    /// <summary>C: a score s becomes C tanh(s / C); 0 for as it is.</summary>
    public float AttentionSoftCap { get; init; }

    /// <summary>C: a logit l becomes C tanh(l / C); 0 for as it is.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>What embeddings are multiplied by.</summary>
    public float EmbeddingScale { get; init; } = 1f;

    /// <summary>What each block's output is multiplied by before it is added to the stream.</summary>
    public float ResidualScale { get; init; } = 1f;

    /// <summary>What logits are divided by.</summary>
    public float LogitScale { get; init; } = 1f;

    /// <summary>E: experts in each feed-forward block; 0 for a dense model.</summary>
    public int Experts { get; init; }

    /// <summary>How many experts a token goes through.</summary>
    public int ExpertsPerToken { get; init; }

    /// <summary>True when the weights of a token's experts are divided by their sum.</summary>
    public bool NormaliseExpertWeights { get; init; } = true;

    /// <summary>False for an encoder: a token sees all of its text, which is computed whole and not continued.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>How a text's hidden states become its embedding.</summary>
    public Pooling Pooling { get; init; }

    /// <summary>Rows of the table of token types, of which each token's is added to its embedding; 0 for no table (bert has 2: a text and its pair).</summary>
    public int TokenTypes { get; init; }

    /// <summary>True when embeddings are normalised before the first layer.</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>True when attention and feed-forward are added to the stream first and the sum is normalised (bert); there is then no final norm.</summary>
    public bool NormsAfterResidual { get; init; }

    /// <summary>Scores of a classification head on the first token; 0 for no head.</summary>
    public int Classes { get; init; }

    /// <summary>True when the classification head has a layer of its own, tanh(dense(x)), before the scores.</summary>
    public bool ClassifierDense { get; init; }

    /// <summary>How many elements of a head are rotated: <see cref="RotaryDim"/>, or all.</summary>
    public int RotatedWidth => RotaryDim == 0 ? HeadDim : RotaryDim;

    /// <summary>How many numbers the model learns; a tied head counts once.</summary>
    public long ParameterCount => ParameterLayout.Of(this).Sum(spec => spec.Shape.Count);

    /// <summary>This configuration as one of a family: what its members have in common stands over what the fields say here.</summary>
    /// <param name="family">One of <see cref="ModelFamily.Names"/>.</param>
    /// <exception cref="ModelFormatException">There is no such family.</exception>
    public ModelConfig OfFamily(string family) => ModelFamily.Require(family).Traits(this with { Architecture = family });

    /// <summary>Refuses sizes whose layers and experts would be more than the tensors that there are, before a list of them is made.</summary>
    internal void RequireWarranted(long tensors)
    {
        if ((long)Layers * Math.Max(1, Experts) > tensors)
        {
            throw new ModelFormatException(
                $"The configuration asks for {Layers} layers{(Experts > 0 ? $" of {Experts} experts" : "")}, but there are only {tensors} tensors; correct the configuration or restore the weights.")
            { Field = "num_hidden_layers" };
        }
    }

    /// <summary>Throws <see cref="ModelFormatException"/> with one sentence naming the first field that is wrong; returns this.</summary>
    public ModelConfig Validate()
    {
        ModelConfigChecks.Check(this);
        return this;
    }
}

/// <summary>How rows are brought to one size.</summary>
public enum NormKind
{
    /// <summary>x / sqrt(mean(x^2) + epsilon) * gain.</summary>
    Rms,

    /// <summary>(x - mean) / sqrt(variance + epsilon) * gain + bias.</summary>
    Layer,
}

/// <summary>The nonlinearity of a feed-forward block.</summary>
public enum Activation
{
    /// <summary>x / (1 + e^-x).</summary>
    Silu,

    /// <summary>The Gaussian error linear unit in its tanh form ("gelu_new", "gelu_pytorch_tanh").</summary>
    GeluTanh,

    /// <summary>The Gaussian error linear unit by the error function ("gelu"); without a gate.</summary>
    GeluErf,

    /// <summary>max(x, 0)^2 (arXiv:2109.08668); without a gate.</summary>
    Relu2,
}
