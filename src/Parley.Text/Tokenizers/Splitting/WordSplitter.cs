using System.Text;

namespace Parley.Text;

/// <summary>
/// Cuts text into words by a <see cref="SplitPattern"/>, step after step over code points. Pieces joined are the text, unless
/// a step removes some; a lone surrogate counts as U+FFFD, as what is encoded must have a UTF-8 form.
/// </summary>
internal static class WordSplitter
{
    public delegate void WordAction(ReadOnlySpan<char> word);

    public static void Split(SplitPattern pattern, ReadOnlySpan<char> text, WordAction onWord) =>
        Split(pattern.Steps, IsWellFormed(text) ? text : WellFormed(text), onWord);

    /// <summary>The text with U+FFFD for every lone surrogate.</summary>
    public static string WellFormed(ReadOnlySpan<char> text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            whole.Append(rune);
        return whole.ToString();
    }

    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var at = 0; text[at..].IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var skip; at += 2)
        {
            at += skip;
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
                return false;
        }

        return true;
    }

    private static void Split(ReadOnlySpan<SplitStep> steps, ReadOnlySpan<char> text, WordAction onWord)
    {
        if (text.IsEmpty)
            return;
        if (steps.IsEmpty)
            onWord(text);
        else if (steps[0] is { IsPlain: true, Stage: { } stage })
            Scan(stage, steps[1..], text, onWord);
        else
            Cut(steps, text, onWord);
    }

    private static void Scan(SplitStage stage, ReadOnlySpan<SplitStep> later, ReadOnlySpan<char> text, WordAction onWord)
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
                Split(later, text[gap..at], onWord);
            if (later.IsEmpty)
                onWord(text.Slice(at, length));
            else
                Split(later, text.Slice(at, length), onWord);
            at += length;
            gap = at;
        }

        Split(later, text[gap..], onWord);
    }

    private static void Cut(ReadOnlySpan<SplitStep> steps, ReadOnlySpan<char> text, WordAction onWord)
    {
        var (start, length, waits) = (0, 0, false);
        foreach (var (at, size, isMatch) in steps[0].Cut(text))
        {
            var matches = isMatch != steps[0].Inverted;
            var joins = length > 0 && steps[0].Behavior switch
            {
                SplitBehavior.MergedWithPrevious => matches && !waits,
                SplitBehavior.MergedWithNext => !matches && waits,
                SplitBehavior.Contiguous => matches == waits,
                _ => false,
            };
            if (!joins)
            {
                Split(steps[1..], text.Slice(start, length), onWord);
                (start, length) = (at, 0);
            }

            length = matches && steps[0].Behavior == SplitBehavior.Removed ? 0 : length + size;
            waits = matches;
        }

        Split(steps[1..], text.Slice(start, length), onWord);
    }
}
