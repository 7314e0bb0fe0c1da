using Parley.Models;

namespace Parley.Training.Stages;

/// <summary>The few numbers a person gives for a new model; the rest follows from them and from the tokenizer.</summary>
public sealed record ModelShape(int Layers = 6, int Hidden = 384, int Heads = 6, int? KVHeads = null)
{
    /// <summary>
    /// The feed-forward width; unless given 8/3 of the hidden size, rounded up to a multiple of 64 (Shazeer 2020, as Llama does).
    /// </summary>
    public int? Intermediate { get; init; }

    public bool TieEmbeddings { get; init; } = true;

    /// <summary>The configuration of a model of this shape.</summary>
    /// <exception cref="ModelFormatException">The numbers do not fit each other.</exception>
    public ModelConfig ToConfig(int vocabulary, int context)
    {
        if (Heads < 1 || Hidden % Heads != 0)
        {
            throw new ModelFormatException($"A hidden size of {Hidden} cannot be divided into {Heads} heads; make it a multiple.");
        }

        return new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = Hidden,
            IntermediateSize = Intermediate ?? ((Hidden * 8 / 3) + 63) / 64 * 64,
            Layers = Layers,
            Heads = Heads,
            KVHeads = KVHeads ?? Heads,
            HeadDim = Hidden / Heads,
            ContextLength = context,
            TieEmbeddings = TieEmbeddings,
        }.Validate();
    }
}
