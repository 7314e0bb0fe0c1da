namespace Parley.Inference;

/// <summary>A few words as an automaton: a tree of their characters.</summary>
internal static class WordAutomaton
{
    public static TextAutomaton Of(IReadOnlyList<string> words, WorkBudget? budget = null)
    {
        int[][] sorted = [.. words.Distinct(StringComparer.Ordinal).Select(word => word.EnumerateRunes().Select(rune => rune.Value).ToArray())];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return words.Count == 0 ? TextAutomaton.None : TextAutomaton.Build(
            (Depth: 0, First: 0, End: sorted.Length), place => sorted[place.First].Length == place.Depth, place => Next(sorted, place), budget);
    }

    // The words from First to End share their first Depth characters; a word that ends there stands first.
    private static IEnumerable<(int, int, (int, int, int))> Next(int[][] sorted, (int Depth, int First, int End) place)
    {
        for (var at = place.First; at < place.End;)
        {
            if (sorted[at].Length == place.Depth)
            {
                at++;
                continue;
            }

            var (letter, end) = (sorted[at][place.Depth], at + 1);
            while (end < place.End && sorted[end][place.Depth] == letter)
            {
                end++;
            }

            yield return (letter, letter, (place.Depth + 1, at, end));
            at = end;
        }
    }
}
