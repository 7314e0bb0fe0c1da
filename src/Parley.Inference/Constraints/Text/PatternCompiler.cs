namespace Parley.Inference;

/// <summary>
/// A regular expression to a deterministic automaton: Thompson's construction, then subsets of its places (Rabin and Scott). Its size is
/// bounded before memory is: a count is written out, and what comes out too large is refused.
/// </summary>
internal sealed class PatternCompiler
{
    private const int MostPlaces = 60_000;
    private const int Accept = 0;

    // A place has a set to read and where that leads, or ways on without reading.
    private readonly List<Place> _places = [new(null, -1, [])];

    private enum Anchor
    {
        None,
        Begin,
        Finish,
    }

    /// <summary>The texts that match as a whole (full) or have a part that matches (as the keyword pattern has it).</summary>
    /// <exception cref="ConstraintException">It needs too many states.</exception>
    public static TextAutomaton Compile(Pattern pattern, bool full, WorkBudget? budget = null)
    {
        var compiler = new PatternCompiler();
        var any = new Pattern.Repeat(new Pattern.One(CodePoints.All), 0, -1);
        var start = compiler.Add(full ? pattern : new Pattern.Sequence([any, pattern, any]), Accept);
        var first = compiler.Closure([(start << 1)], atBegin: true);
        return TextAutomaton.Build(
            first,
            set => Array.Exists(set, item => item >> 1 == Accept),
            compiler.Next,
            budget,
            PlaceSets.Instance);
    }

    private int Add(Pattern pattern, int next)
    {
        switch (pattern)
        {
            case Pattern.One one:
                return Add(new Place(one.Set, next, []));
            case Pattern.Sequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (after, part) => Add(part, after));
            case Pattern.Either either:
                return Add(new Place(null, -1, [.. either.Parts.Select(part => Add(part, next))]));
            case Pattern.Repeat repeat:
                return AddRepeat(repeat, next);
            case Pattern.Begin:
                return Add(new Place(null, -1, [next], Anchor.Begin));
            default:
                return Add(new Place(null, -1, [next], Anchor.Finish));
        }
    }

    private int AddRepeat(Pattern.Repeat repeat, int next)
    {
        var start = next;
        if (repeat.Max < 0)
        {
            start = Add(new Place(null, -1, []));
            _places[start] = _places[start] with { Ways = [Add(repeat.Part, start), next] };
        }

        for (var i = repeat.Min; i < repeat.Max; i++)
        {
            start = Add(new Place(null, -1, [Add(repeat.Part, start), next]));
        }

        for (var i = 0; i < repeat.Min; i++)
        {
            start = Add(repeat.Part, start);
        }

        return start;
    }

    private int Add(Place place)
    {
        if (_places.Count >= MostPlaces)
        {
            throw new ConstraintException($"The regular expression is too large: written out it has more than {MostPlaces:N0} places.");
        }

        _places.Add(place);
        return _places.Count - 1;
    }

    // An item is a place and, in its lowest bit, whether the end of the text was demanded: then nothing may be read any more.
    private int[] Closure(IEnumerable<int> items, bool atBegin)
    {
        var seen = new HashSet<int>();
        var work = new Stack<int>(items);
        while (work.TryPop(out var item))
        {
            if (!seen.Add(item))
            {
                continue;
            }

            var place = _places[item >> 1];
            if (place.Anchor == Anchor.Begin && !atBegin)
            {
                continue;
            }

            foreach (var way in place.Ways)
            {
                work.Push((way << 1) | (item & 1) | (place.Anchor == Anchor.Finish ? 1 : 0));
            }
        }

        int[] sorted = [.. seen.Where(item => item >> 1 == Accept || (_places[item >> 1].Set is not null && (item & 1) == 0))];
        Array.Sort(sorted);
        return sorted;
    }

    private IEnumerable<(int First, int Last, int[] Target)> Next(int[] set)
    {
        var reading = set.Where(item => item >> 1 != Accept).Select(item => _places[item >> 1]).ToArray();
        var changes = new SortedDictionary<int, List<(int Target, bool Begins)>>();
        foreach (var place in reading)
        {
            foreach (var (first, last) in place.Set!.Ranges)
            {
                At(first).Add((place.Next, true));
                At(last + 1).Add((place.Next, false));
            }
        }

        var (active, from) = (new Dictionary<int, int>(), 0);
        var closures = new Dictionary<int[], int[]>(PlaceSets.Instance);
        foreach (var (at, steps) in changes)
        {
            if (active.Count > 0)
            {
                int[] targets = [.. active.Keys.Order()];
                if (!closures.TryGetValue(targets, out var closed))
                {
                    closures[targets] = closed = Closure(targets.Select(target => target << 1), atBegin: false);
                }

                yield return (from, at - 1, closed);
            }

            from = at;
            foreach (var (target, begins) in steps)
            {
                var count = active.GetValueOrDefault(target) + (begins ? 1 : -1);
                _ = count == 0 ? active.Remove(target) : (active[target] = count) > 0;
            }
        }

        List<(int, bool)> At(int codePoint) => changes.TryGetValue(codePoint, out var list) ? list : changes[codePoint] = [];
    }

    private sealed record Place(CodePoints? Set, int Next, int[] Ways, Anchor Anchor = Anchor.None);

    private sealed class PlaceSets : IEqualityComparer<int[]>
    {
        public static PlaceSets Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = new HashCode();
            foreach (var item in obj)
            {
                hash.Add(item);
            }

            return hash.ToHashCode();
        }
    }
}
