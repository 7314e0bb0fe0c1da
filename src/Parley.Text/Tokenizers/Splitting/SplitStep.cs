using System.Text.RegularExpressions;

namespace Parley.Text;

/// <summary>What becomes of the matches of a step: the choices of a Split in tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches and what lies between them are pieces.</summary>
    Isolated,
    Removed,
    MergedWithPrevious,
    MergedWithNext,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous,
}

/// <summary>
/// One step of a split pattern: an expression, and what becomes of its matches. A known expression has its scanner; any other
/// is run as it stands, over code points, with a limit on its time.
/// </summary>
internal sealed class SplitStep
{
    private const int LongestText = 1024;
    private readonly Regex? _regex;

    private SplitStep(string text, SplitStage? stage, Regex? regex) => (Text, Stage, _regex) = (text, stage, regex);

    public string Text { get; }

    public SplitBehavior Behavior { get; init; }

    /// <summary>Matches and gaps change places.</summary>
    public bool Inverted { get; init; }

    /// <summary>Null when the expression is not a known one.</summary>
    public SplitStage? Stage { get; }

    public bool IsPlain => Behavior == SplitBehavior.Isolated && !Inverted;

    public static SplitStep Known(string text, SplitStage stage) => new(text, stage, null);

    /// <exception cref="ArgumentException">The text is not a regular expression that .NET can run, or is too long: compiling takes some 5 KB a character.</exception>
    public static SplitStep FromText(string text, SplitBehavior behavior = SplitBehavior.Isolated, bool inverted = false)
    {
        if (text.Length > LongestText)
            throw new ArgumentException($"a split pattern has {text.Length} characters; at most {LongestText} are taken", nameof(text));
        var stage = SplitExpressions.Find(text);
        var regex = stage is null ? new Regex(PossessiveQuantifiers.Rewrite(text), RegexOptions.CultureInvariant | RegexOptions.Compiled, TimeSpan.FromSeconds(10)) : null;
        return new(text, stage, regex) { Behavior = behavior, Inverted = inverted };
    }

    /// <summary>The matches and the gaps between them, in order, as start, length and whether it is a match.</summary>
    public List<(int Start, int Length, bool IsMatch)> Cut(ReadOnlySpan<char> text)
    {
        var pieces = new List<(int, int, bool)>();
        if (Stage is { } stage)
            Scan(stage, text, pieces);
        else
            CodePointShape.Matches(_regex!, text, pieces);
        return pieces;
    }

    private static void Scan(SplitStage stage, ReadOnlySpan<char> text, List<(int, int, bool)> pieces)
    {
        var (at, gap) = (0, 0);
        while (at < text.Length)
        {
            var length = stage.Next(text, at);
            if (length <= 0)
            {
                at += Math.Max(1, -length);
                continue;
            }

            if (at > gap)
                pieces.Add((gap, at - gap, false));
            pieces.Add((at, length, true));
            at += length;
            gap = at;
        }

        if (gap < text.Length)
            pieces.Add((gap, text.Length - gap, false));
    }
}
