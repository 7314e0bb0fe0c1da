namespace Parley.Inference;

/// <summary>
/// A regular expression to a deterministic automaton: Thompson's construction, then subsets of its places (Rabin and Scott). Its size is
/// bounded before memory is: a count is written out, and what comes out too large is refused.
/// </summary>
internal sealed class PatternCompiler
{
    private const int MostPlaces = 60_000;
    private const int Accept = 0;

    // What these cost beside a step of a closure.
    private const int StepsOfRange = 20;
    private const int StepsOfTarget = 4;

    // A place has a set to read and where that leads, or ways on without reading.
    private readonly List<Place> _places = [new(null, -1, [])];
    private readonly Stack<int> _work = [];
    private readonly List<int> _found = [];
    private readonly WorkBudget _budget;
    private int[] _seen = []; // by item: the round that saw it last
    private int _round;
    private int _anything = -1; // the place behind a part that has matched; -1 where the whole must match

    private PatternCompiler(WorkBudget budget) => _budget = budget;

    private enum Anchor
    {
        None,
        Begin,
        Finish,
    }

    /// <summary>The texts that match as a whole (full) or have a part that matches (as the keyword pattern has it).</summary>
    /// <exception cref="ConstraintException">It needs too many states, or too many steps to find them.</exception>
    public static TextAutomaton Compile(Pattern pattern, bool full, WorkBudget budget)
    {
        var compiler = new PatternCompiler(budget);
        var any = new Pattern.Repeat(new Pattern.One(CodePoints.All), 0, -1);
        var after = full ? Accept : compiler.Add(any, Accept);
        compiler._anything = full ? -1 : compiler._places.FindIndex(place => place.Set is not null);
        var start = compiler.Add(full ? pattern : new Pattern.Sequence([any, pattern]), after);
        compiler._seen = new int[compiler._places.Count << 1];
        return TextAutomaton.Build(
            compiler.Closure([start << 1], atBegin: true),
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
        _found.Clear();
        _round++;
        foreach (var item in items)
        {
            _work.Push(item);
        }

        var steps = 0;
        while (_work.TryPop(out var item))
        {
            steps++;
            var place = _places[item >> 1];
            if (_seen[item] == _round || (place.Anchor == Anchor.Begin && !atBegin))
            {
                continue;
            }

            _seen[item] = _round;
            if (item >> 1 == Accept || (place.Set is not null && (item & 1) == 0))
            {
                _found.Add(item);
            }

            foreach (var way in place.Ways)
            {
                _work.Push((way << 1) | (item & 1) | (place.Anchor == Anchor.Finish ? 1 : 0));
            }
        }

        _budget.SpendSteps(steps);
        if (_anything >= 0 && _seen[_anything << 1] == _round)
        {
            return [Accept << 1, _anything << 1]; // a part has matched: whatever comes, the whole does
        }

        _found.Sort();
        return [.. _found];
    }

    private IEnumerable<(int First, int Last, int[] Target)> Next(int[] set)
    {
        var reading = set.Where(item => item >> 1 != Accept).Select(item => _places[item >> 1]).ToArray();
        var changes = new SortedDictionary<int, List<(int Target, bool Begins)>>();
        foreach (var place in reading)
        {
            _budget.SpendSteps(StepsOfRange * place.Set!.Ranges.Count);
            foreach (var (first, last) in place.Set.Ranges)
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
                _budget.SpendSteps(StepsOfTarget * active.Count);
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
