namespace Parley.Inference;

/// <summary>
/// Tokens by their bytes as a tree in flat arrays, parents before children: a walk that meets a dead byte jumps over everything below.
/// Immutable.
/// </summary>
internal sealed class TokenTrie
{
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

    /// <summary>Sets the bit of every token that the automaton can read from a state.</summary>
    public void Walk(LazyAutomaton automaton, AutomatonState start, ulong[] mask)
    {
        var path = new AutomatonState[_deepest + 1];
        path[0] = start;
        for (var node = 0; node < _label.Length;)
        {
            var depth = _depth[node];
            var next = automaton.Step(path[depth - 1], _label[node]);
            if (ReferenceEquals(next, AutomatonState.Dead))
            {
                node = _end[node];
                continue;
            }

            path[depth] = next;
            var last = _firstToken[node + 1];
            for (var token = _firstToken[node]; token < last; token++)
            {
                mask[_tokens[token] >> 6] |= 1UL << (_tokens[token] & 63);
            }

            node++;
        }
    }
}
