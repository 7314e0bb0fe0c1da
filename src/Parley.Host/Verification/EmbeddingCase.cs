using Parley.Models;

namespace Parley.Host.Verification;

/// <summary>A tiny model of random weights, and what it is asked: the same for llama.cpp and for us.</summary>
/// <param name="Name">As the table and the recorded numbers call it.</param>
/// <param name="Seed">Of its weights.</param>
internal sealed record EmbeddingCase(string Name, ulong Seed, ModelConfig Config)
{
    private static readonly ModelConfig Bert = new ModelConfig
    {
        VocabularySize = TinyVocabularies.WordPieces.Count,
        HiddenSize = 64,
        IntermediateSize = 160,
        Layers = 3,
        Heads = 4,
        KVHeads = 4,
        HeadDim = 16,
        ContextLength = 128,
        TokenTypes = 2,
    }.OfFamily("bert");

    private static readonly ModelConfig Llama = TinyModelFile.Llama with { TieEmbeddings = true };

    public static IReadOnlyList<EmbeddingCase> All { get; } =
    [
        new("bert, mean", 11, Bert with { Pooling = Pooling.Mean }),
        new("bert, first token", 12, Bert with { Pooling = Pooling.First }),

        // One type of tokens: of two, llama.cpp would give the second text the first's.
        new("bert, classification head", 13, Bert with { Pooling = Pooling.Rank, Classes = 1, ClassifierDense = true, TokenTypes = 1 }),
        new("llama, last token", 14, Llama with { Pooling = Pooling.Last }),
        new("llama, mean", 15, Llama with { Pooling = Pooling.Mean }),
    ];

    /// <summary>A word, a sentence, and one that fills more than a tile of attention; for a classification head a question and two answers.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "the",
        "The cat sat on the mat, and the rat sat on the cat.",
        string.Join(' ', Enumerable.Repeat("One small step after another the long way leads to the sea.", 2)),
    ];

    public bool IsRank => Config.Pooling == Pooling.Rank;
}
