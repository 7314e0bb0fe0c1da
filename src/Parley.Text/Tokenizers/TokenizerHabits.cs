namespace Parley.Text;

/// <summary>What a vocabulary does around its text, whatever its kind.</summary>
internal sealed record TokenizerHabits
{
    public static TokenizerHabits None { get; } = new() { LeftmostAddedFirst = true };

    /// <summary>Ids before a whole text.</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Ids behind a whole text.</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>The first token of a text carries a space that the text has not.</summary>
    public bool AddsSpace { get; init; }

    /// <summary>The same for llama_detokenize, which leaves WordPiece its first space.</summary>
    public bool AddsSpaceInLlamaCpp { get; init; }

    /// <summary>llama_detokenize drops spaces before punctuation.</summary>
    public bool CleansSpaces { get; init; }

    /// <summary>Of added tokens that overlap the leftmost wins (Hugging Face), not the longest (llama.cpp).</summary>
    public bool LeftmostAddedFirst { get; init; }
}
