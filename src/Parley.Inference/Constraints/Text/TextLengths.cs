namespace Parley.Inference;

/// <summary>
/// A language cut to texts of some lengths, in characters: from which states, after how many characters, a text of allowed length can still
/// be finished. Counts beyond the least do not matter where there is no most. Immutable.
/// </summary>
internal sealed class TextLengths
{
    private const long MostCells = 4_000_000;

    private readonly bool[][] _lives; // by count, then state; empty where every state always lives

    /// <param name="automaton">The language.</param>
    /// <param name="min">Characters at least.</param>
    /// <param name="max">Characters at most; below 0: no limit.</param>
    /// <exception cref="ConstraintException">Lengths and states are too many to be followed together.</exception>
    public TextLengths(TextAutomaton automaton, int min, int max)
    {
        (Automaton, Min, Max) = (automaton, min, max);
        _lives = automaton.IsAny || (min == 0 && max < 0) ? [] : Table();
    }

    public TextAutomaton Automaton { get; }

    public int Min { get; }

    public int Max { get; }

    /// <summary>No text at all is left.</summary>
    public bool IsEmpty => Automaton.IsEmpty || (Max >= 0 && Max < Min) || !Lives(0, 0);

    /// <summary>The count after one more character.</summary>
    public int Count(int count) => Max < 0 ? Math.Min(count + 1, Min) : count + 1;

    public bool Lives(int state, int count) => (Max < 0 || count <= Max) && (_lives.Length == 0 || _lives[count][state]);

    public bool Accepts(int state, int count) => count >= Min && Automaton.Accepts(state);

    public bool Accepts(string text)
    {
        var length = text.EnumerateRunes().Count();
        return length >= Min && (Max < 0 || length <= Max) && Automaton.Accepts(text);
    }

    private bool[][] Table()
    {
        var layers = (Max < 0 ? Min : Max) + 1L;
        if (layers * Automaton.Count > MostCells)
        {
            throw new ConstraintException($"Lengths up to {layers - 1:N0} of a text whose pattern has {Automaton.Count:N0} states are too much to follow together; loosen one of them.");
        }

        var table = new bool[layers][];
        for (var count = (int)layers - 1; count >= 0; count--)
        {
            table[count] = new bool[Automaton.Count];
            for (var state = 0; state < Automaton.Count; state++)
            {
                table[count][state] = (Max < 0 && count == Min) || Accepts(state, count) || GoesOn(table, state, count, (int)layers);
            }
        }

        return table;
    }

    private bool GoesOn(bool[][] table, int state, int count, int layers)
    {
        if (count + 1 < layers)
        {
            foreach (var range in Automaton.Next(state))
            {
                if (table[count + 1][range.Target])
                {
                    return true;
                }
            }
        }

        return false;
    }
}
