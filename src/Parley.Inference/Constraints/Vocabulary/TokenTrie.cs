namespace Parley.Inference;

/// <summary>
/// Tokens by their bytes as a tree in flat arrays, parents before children: a walk that meets a dead byte jumps over everything below.
/// Immutable.
/// </summary>
internal sealed class TokenTrie
{
    /// <summary>Places of the grammar that one walk looks at, at most: some hundredths of a second, where an ordinary walk takes tenths of a millisecond.</summary>
    public const int MostPlaces = 4_000_000;

    private readonly byte[] _label;
    private readonly ushort[] _depth; // 1 for the first byte
    private readonly int[] _end; // the node behind all descendants
    private readonly int[] _firstToken; // in _tokens, up to the next node's; only a token's last node has any
    private readonly int[] _tokens;
    private readonly int _deepest;

    /// <param name="tokens">Ids with their bytes, none empty.</param>
    public TokenTrie(IReadOnlyList<(int Id, byte[] Bytes)> tokens)
    {
        var sorted = tokens.ToArray();
        Array.Sort(sorted, static (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        _tokens = [.. sorted.Select(token => token.Id)];
        var size = sorted.Sum(token => token.Bytes.Length);
        var (label, depth, end, first) = (new List<byte>(size), new List<ushort>(size), new List<int>(size), new List<int>(size + 1));
        var open = new Stack<int>();
        byte[] before = [];
        for (var i = 0; i < sorted.Length; i++)
        {
            var bytes = sorted[i].Bytes;
            var shared = before.AsSpan().CommonPrefixLength(bytes);
            for (; open.Count > shared; end[open.Pop()] = label.Count)
            {
            }

            for (var at = shared; at < bytes.Length; at++)
            {
                open.Push(label.Count);
                label.Add(bytes[at]);
                depth.Add((ushort)(at + 1));
                end.Add(0);
                first.Add(i);
            }

            before = bytes;
        }

        while (open.TryPop(out var last))
        {
            end[last] = label.Count;
        }

        first.Add(sorted.Length);
        (_label, _depth, _end, _firstToken) = ([.. label], [.. depth], [.. end], [.. first]);
        _deepest = _depth.Length == 0 ? 0 : _depth.Max();
    }

    /// <summary>
    /// Sets the bit of every token that the automaton can read from a state. Where a very ambiguous grammar makes the walk too long, it is broken off: an
    /// answer loses some longer tokens then, but none of a single byte, so it can still go any way. That depends on the state alone, not on what is known of it.
    /// </summary>
    /// <returns>Places looked at.</returns>
    public int Walk(LazyAutomaton automaton, AutomatonState start, ulong[] mask)
    {
        var places = 0;
        var path = automaton.Path(_deepest + 1);
        path[0] = start;
        for (var node = 0; node < _label.Length;)
        {
            var depth = _depth[node];
            places += path[depth - 1].Weight;
            if (places > MostPlaces)
            {
                return places + WalkSingle(automaton, start, mask);
            }

            var next = automaton.Step(path[depth - 1], _label[node]);
            if (ReferenceEquals(next, AutomatonState.Dead))
            {
                node = _end[node];
                continue;
            }

            path[depth] = next;
            Allow(node, mask);
            node++;
        }

        return places;
    }

    private int WalkSingle(LazyAutomaton automaton, AutomatonState start, ulong[] mask)
    {
        var places = 0;
        for (var node = 0; node < _label.Length; node = _end[node])
        {
            places += start.Weight;
            if (!ReferenceEquals(automaton.Step(start, _label[node]), AutomatonState.Dead))
            {
                Allow(node, mask);
            }
        }

        return places;
    }

    private void Allow(int node, ulong[] mask)
    {
        var last = _firstToken[node + 1];
        for (var token = _firstToken[node]; token < last; token++)
        {
            mask[_tokens[token] >> 6] |= 1UL << (_tokens[token] & 63);
        }
    }
}
