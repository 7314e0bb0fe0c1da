namespace Parley.Inference;

/// <summary>A regular expression as a tree.</summary>
internal abstract record Pattern
{
    private Pattern()
    {
    }

    /// <summary>The empty text.</summary>
    public static Pattern Nothing { get; } = new Sequence([]);

    public static Pattern Text(string text) => new Sequence([.. text.EnumerateRunes().Select(rune => new One(CodePoints.Of(rune.Value)))]);

    /// <summary>One character of a set.</summary>
    public sealed record One(CodePoints Set) : Pattern;

    public sealed record Sequence(IReadOnlyList<Pattern> Parts) : Pattern;

    public sealed record Either(IReadOnlyList<Pattern> Parts) : Pattern;

    /// <summary>Min to Max times; Max below 0: no limit.</summary>
    public sealed record Repeat(Pattern Part, int Min, int Max) : Pattern;

    /// <summary>The beginning of the text.</summary>
    public sealed record Begin : Pattern;

    /// <summary>The end of the text.</summary>
    public sealed record Finish : Pattern;
}
