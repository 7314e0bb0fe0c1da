namespace Parley.Inference;

/// <summary>From which states any characters may follow, as many as one likes, but for quotes, backslashes and control characters.</summary>
internal static class PlainClosure
{
    private static readonly CodePoints Plain = new((0x20, '"' - 1), ('"' + 1, '\\' - 1), ('\\' + 1, CodePoints.Last));

    /// <param name="automaton">A language.</param>
    /// <param name="accepting">Each state on the way must also be a possible end.</param>
    public static bool[] Of(TextAutomaton automaton, bool accepting)
    {
        var holds = new bool[automaton.Count];
        for (var state = 0; state < holds.Length; state++)
        {
            holds[state] = !accepting || automaton.Accepts(state);
        }

        // A state is looked at again only when one that it leads to has fallen.
        var sources = automaton.Sources();
        var work = new Stack<int>(Enumerable.Range(0, holds.Length));
        while (work.TryPop(out var state))
        {
            if (holds[state] && !Stays(automaton, state, holds))
            {
                holds[state] = false;
                sources[state]?.ForEach(work.Push);
            }
        }

        return holds;
    }

    private static bool Stays(TextAutomaton automaton, int state, bool[] holds)
    {
        var ranges = automaton.Next(state);
        foreach (var (first, last) in Plain.Ranges)
        {
            var covered = first;
            for (var at = TextAutomaton.FirstFrom(ranges, first); at < ranges.Length && ranges[at].First <= covered && holds[ranges[at].Target]; at++)
            {
                covered = ranges[at].Last + 1;
            }

            if (covered <= last)
            {
                return false;
            }
        }

        return true;
    }
}
