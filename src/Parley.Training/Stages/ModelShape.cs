using Parley.Models;

namespace Parley.Training.Stages;

/// <summary>The few numbers and choices a person gives for a new model; the rest follows from them and from the tokenizer.</summary>
public sealed record ModelShape(int Layers = 6, int Hidden = 384, int Heads = 6, int? KVHeads = null)
{
    /// <summary>Windowed layers are all but every fourth, as nanochat has it: the fourth sees everything.</summary>
    private const int WindowPeriod = 4;

    public ModelStyle Style { get; init; }

    /// <summary>
    /// The feed-forward width; unless given 4 times the hidden size without a gate, and with one 8/3 of it, rounded up to a multiple of
    /// 64, which has as many weights (Shazeer 2020, as Llama does).
    /// </summary>
    public int? Intermediate { get; init; }

    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Queries and keys are normalised head by head (arXiv:2302.05442): scores cannot grow without bound.</summary>
    public bool QueryKeyNorms { get; init; }

    /// <summary>The feed-forward block is down(max(up(x), 0)^2) without a gate (arXiv:2109.08668).</summary>
    public bool Relu2 { get; init; }

    /// <summary>C: logits become C tanh(l / C) (Gemma 2, arXiv:2408.00118); 0 for as they are.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>W: in three of four layers a token sees itself and the W - 1 before it; 0 for everything everywhere.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>The configuration of a model of this shape.</summary>
    /// <exception cref="ModelFormatException">The numbers do not fit each other.</exception>
    public ModelConfig ToConfig(int vocabulary, int context)
    {
        if (Heads < 1 || Hidden % Heads != 0)
        {
            throw new ModelFormatException($"A hidden size of {Hidden} cannot be divided into {Heads} heads; make it a multiple.");
        }

        if (SlidingWindow > 0 && Layers < 2)
        {
            throw new ModelFormatException($"A window in three of four layers needs more than {Layers} layer; leave out --window.");
        }

        var plain = new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = Hidden,
            IntermediateSize = Intermediate ?? (Style == ModelStyle.Gpt2 || Relu2 ? 4 * Hidden : ((Hidden * 8 / 3) + 63) / 64 * 64),
            Layers = Layers,
            Heads = Heads,
            KVHeads = KVHeads ?? Heads,
            HeadDim = Hidden / Heads,
            ContextLength = context,
            TieEmbeddings = TieEmbeddings,
            QueryKeyNorms = QueryKeyNorms,
            LogitSoftCap = LogitSoftCap,
            SlidingWindow = SlidingWindow,
            WindowedLayers = SlidingWindow > 0 ? LayerSet.AllButEvery(Math.Min(WindowPeriod, Layers), Layers) : LayerSet.None,
        };
        var styled = Style == ModelStyle.Gpt2 ? plain.OfFamily("gpt2") with { TieEmbeddings = TieEmbeddings } : plain;
        return (Relu2 ? styled with { GatedMlp = false, Activation = Activation.Relu2 } : styled).Validate();
    }
}
