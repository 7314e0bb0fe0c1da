namespace Parley.Inference;

/// <summary>
/// A regular language over characters as a deterministic automaton, without states that lead nowhere. State 0 is the first; no state at all
/// is the empty language. Immutable.
/// </summary>
internal sealed class TextAutomaton
{
    /// <summary>States of one automaton at most.</summary>
    public const int MostStates = 6000;

    /// <summary>Transitions of one automaton at most.</summary>
    private const int MostTransitions = 300_000;

    private const int StepsOfTransition = 8;

    private readonly TextRange[][] _next;
    private readonly bool[] _accepts;

    private TextAutomaton(TextRange[][] next, bool[] accepts) => (_next, _accepts) = (next, accepts);

    /// <summary>Every text.</summary>
    public static TextAutomaton Any { get; } = new([[.. CodePoints.All.Ranges.Select(range => new TextRange(range.First, range.Last, 0))]], [true]);

    /// <summary>No text.</summary>
    public static TextAutomaton None { get; } = new([], []);

    public int Count => _next.Length;

    public bool IsEmpty => Count == 0;

    /// <summary>It is surely every text; false says nothing.</summary>
    public bool IsAny => Count == 1 && _accepts[0] && _next[0].Sum(range => range.Last - range.First + 1) == CodePoints.Last + 1 - 0x800;

    public bool Accepts(int state) => _accepts[state];

    /// <summary>The transitions of a state in order of their characters.</summary>
    public ReadOnlySpan<TextRange> Next(int state) => _next[state];

    public bool Accepts(string text)
    {
        var state = IsEmpty ? -1 : 0;
        foreach (var rune in text.EnumerateRunes())
        {
            state = state < 0 ? -1 : Step(state, rune.Value);
        }

        return state >= 0 && _accepts[state];
    }

    /// <summary>By state, the states that lead to it; null: none.</summary>
    public List<int>?[] Sources() => SourcesOf(_next);

    /// <summary>The next state; -1 when there is none.</summary>
    public int Step(int state, int codePoint)
    {
        var at = FirstFrom(_next[state], codePoint);
        return at < _next[state].Length && _next[state][at].First <= codePoint ? _next[state][at].Target : -1;
    }

    /// <summary>The index of the first range that ends at a character or after it.</summary>
    public static int FirstFrom(ReadOnlySpan<TextRange> ranges, int codePoint)
    {
        var (low, high) = (0, ranges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < codePoint ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    public TextAutomaton Intersect(TextAutomaton other, WorkBudget? budget = null)
    {
        if (IsAny || other.IsEmpty)
        {
            return other;
        }

        if (other.IsAny || IsEmpty)
        {
            return this;
        }

        return Build((0, 0), pair => _accepts[pair.Item1] && other._accepts[pair.Item2], pair => Common(_next[pair.Item1], other._next[pair.Item2]), budget);
    }

    // -1 stands for what was read outside of the language for good.
    public TextAutomaton Complement(WorkBudget? budget = null) =>
        Build(IsEmpty ? -1 : 0, state => state < 0 || !_accepts[state], state => WithGaps(state < 0 ? [] : _next[state]), budget);

    /// <summary>The same without texts that have other characters.</summary>
    public TextAutomaton Restrict(CodePoints set) => IsEmpty ? this : Build(
        0,
        state => _accepts[state],
        state => _next[state].SelectMany(range => set.Within(range.First, range.Last).Select(part => (part.First, part.Last, range.Target))));

    /// <summary>Builds by walking from a first key; equal keys are one state.</summary>
    /// <exception cref="ConstraintException">There are too many states.</exception>
    public static TextAutomaton Build<TKey>(TKey first, Func<TKey, bool> accepts, Func<TKey, IEnumerable<(int First, int Last, TKey Target)>> next, WorkBudget? budget = null, IEqualityComparer<TKey>? comparer = null)
        where TKey : notnull
    {
        var (ids, keys, rows) = (new Dictionary<TKey, int>(comparer) { [first] = 0 }, new List<TKey> { first }, new List<List<TextRange>>());
        for (int at = 0, transitions = 0; at < keys.Count; at++)
        {
            budget?.SpendState();
            var row = new List<TextRange>();
            foreach (var (low, high, target) in next(keys[at]))
            {
                if (!ids.TryGetValue(target, out var id))
                {
                    ids[target] = id = keys.Count;
                    keys.Add(target);
                }

                if (row.Count > 0 && row[^1].Target == id && row[^1].Last + 1 == low)
                {
                    row[^1] = new(row[^1].First, high, id);
                }
                else
                {
                    row.Add(new(low, high, id));
                }
            }

            transitions += row.Count;
            budget?.SpendSteps(StepsOfTransition * row.Count);
            rows.Add(row);
            if (keys.Count > MostStates || transitions > MostTransitions)
            {
                throw new ConstraintException($"The regular expression needs more than {MostStates:N0} states or {MostTransitions:N0} transitions; make it simpler.");
            }
        }

        return Trim(rows, [.. keys.Select(accepts)]);
    }

    private static IEnumerable<(int, int, (int, int))> Common(TextRange[] a, TextRange[] b)
    {
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            var (first, last) = (Math.Max(a[i].First, b[j].First), Math.Min(a[i].Last, b[j].Last));
            if (first <= last)
            {
                yield return (first, last, (a[i].Target, b[j].Target));
            }

            _ = a[i].Last < b[j].Last ? i++ : j++;
        }
    }

    private static IEnumerable<(int, int, int)> WithGaps(TextRange[] ranges)
    {
        foreach (var (first, last) in CodePoints.All.Ranges)
        {
            var from = first;
            for (var at = FirstFrom(ranges, first); at < ranges.Length && ranges[at].First <= last; at++)
            {
                if (ranges[at].First > from)
                {
                    yield return (from, ranges[at].First - 1, -1);
                }

                yield return (Math.Max(from, ranges[at].First), Math.Min(last, ranges[at].Last), ranges[at].Target);
                from = ranges[at].Last + 1;
            }

            if (from <= last)
            {
                yield return (from, last, -1);
            }
        }
    }

    private static List<int>?[] SourcesOf(IReadOnlyList<IReadOnlyList<TextRange>> rows)
    {
        var sources = new List<int>?[rows.Count];
        for (var state = 0; state < rows.Count; state++)
        {
            foreach (var range in rows[state])
            {
                if (sources[range.Target] is not [.., var last] || last != state)
                {
                    (sources[range.Target] ??= []).Add(state);
                }
            }
        }

        return sources;
    }

    // States that reach no accepting one are left out, and those that are left are numbered anew.
    private static TextAutomaton Trim(List<List<TextRange>> rows, bool[] accepts)
    {
        var sources = SourcesOf(rows);
        var useful = new bool[rows.Count];
        var work = new Stack<int>(Enumerable.Range(0, rows.Count).Where(state => accepts[state]));
        while (work.TryPop(out var state))
        {
            if (!useful[state])
            {
                useful[state] = true;
                sources[state]?.ForEach(work.Push);
            }
        }

        if (!useful[0])
        {
            return None;
        }

        int[] kept = [.. Enumerable.Range(0, rows.Count).Where(state => useful[state])];
        var number = new int[rows.Count];
        for (var i = 0; i < kept.Length; i++)
        {
            number[kept[i]] = i;
        }

        return new(
            [.. kept.Select(state => rows[state].Where(range => useful[range.Target]).Select(range => range with { Target = number[range.Target] }).ToArray())],
            [.. kept.Select(state => accepts[state])]);
    }
}

/// <summary>A transition: characters from First to Last lead to Target.</summary>
internal readonly record struct TextRange(int First, int Last, int Target);
