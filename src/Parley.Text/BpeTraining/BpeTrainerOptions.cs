namespace Parley.Text;

/// <summary>What a tokenizer is trained to: its size, control tokens and word pattern.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>All ids together: 256 bytes, merges, special tokens. A small text may give fewer.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Control tokens, numbered after the merges in this order.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = Text.SpecialTokens.Default;

    public SplitPattern Pattern { get; init; } = SplitPattern.Qwen2;

    /// <summary>A pair seen less often than this is not merged.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>Threads that count words; 0 takes one per core. The result is the same for any number.</summary>
    public int Threads { get; init; }
}
