namespace Parley.Inference;

/// <summary>
/// Guesses how a text goes on from the text itself: where its last few tokens stood before, what followed them follows again. Quotations,
/// code and lists repeat themselves; the guess costs no model. Knows neither the model nor whether the guess was right.
/// </summary>
internal static class PromptLookup
{
    private const int LongestMatch = 4;
    private const int ShortestMatch = 2;

    /// <summary>How far back it looks.</summary>
    private const int Window = 8192;

    /// <summary>Fills <paramref name="draft"/> as far as it can and returns how far: all of it, or none without a match.</summary>
    public static int Propose(ReadOnlySpan<int> tokens, Span<int> draft)
    {
        tokens = tokens[Math.Max(0, tokens.Length - Window)..];
        for (var length = Math.Min(LongestMatch, tokens.Length - 1); length >= ShortestMatch; length--)
        {
            var found = tokens[..^1].LastIndexOf(tokens[^length..]);
            if (found >= 0)
            {
                Continue(tokens, found + length, draft);
                return draft.Length;
            }
        }

        return 0;
    }

    // What follows the match, and past the end of the text the draft itself: a text that repeats with a short period goes on repeating.
    private static void Continue(ReadOnlySpan<int> tokens, int from, Span<int> draft)
    {
        for (var i = 0; i < draft.Length; i++)
        {
            var at = from + i;
            draft[i] = at < tokens.Length ? tokens[at] : draft[at - tokens.Length];
        }
    }
}
