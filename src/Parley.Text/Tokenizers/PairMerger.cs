namespace Parley.Text;

/// <summary>
/// Merges the symbols of one word: always the pair of lowest rank, the leftmost of equals. Short words by looking through
/// them, long ones with a heap over a linked list: O(n log n), so that a user's megabyte without a space does not hold up a
/// server. Knows ids only.
/// </summary>
internal static class PairMerger
{
    private const int LongestScanned = 40;

    /// <summary>Merges in place and returns how many ids are left at the front of <paramref name="ids"/>.</summary>
    public static int Merge(Span<int> ids, MergeTable merges) =>
        ids.Length < 2 ? ids.Length : ids.Length <= LongestScanned ? Scan(ids, merges) : new Chain(ids, merges).Merge();

    private static int Scan(Span<int> ids, MergeTable merges)
    {
        Span<int> ranks = stackalloc int[LongestScanned]; // [i]: of the pair i, i + 1
        for (var i = 0; i + 1 < ids.Length; i++)
            ranks[i] = merges.Rank(ids[i], ids[i + 1]);

        var count = ids.Length;
        while (count > 1)
        {
            var best = LeastOf(ranks[..(count - 1)]);
            if (ranks[best] == int.MaxValue)
                break;
            ids[best] = merges.Result(ids[best], ids[best + 1]);
            ids[(best + 2)..count].CopyTo(ids[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            count--;
            if (best > 0)
                ranks[best - 1] = merges.Rank(ids[best - 1], ids[best]);
            if (best + 1 < count)
                ranks[best] = merges.Rank(ids[best], ids[best + 1]);
        }

        return count;
    }

    private static int LeastOf(ReadOnlySpan<int> ranks)
    {
        var best = 0;
        for (var i = 1; i < ranks.Length; i++)
        {
            if (ranks[i] < ranks[best])
                best = i;
        }

        return best;
    }

    // A heap entry is rank and position in one number; it is stale when the pair there has another rank by now.
    private ref struct Chain
    {
        private readonly Span<int> _ids;
        private readonly MergeTable _merges;
        private readonly int[] _next;
        private readonly int[] _previous;
        private readonly int[] _ranks;
        private readonly PriorityQueue<int, long> _heap;

        public Chain(Span<int> ids, MergeTable merges)
        {
            _ids = ids;
            _merges = merges;
            (_next, _previous, _ranks) = (new int[ids.Length], new int[ids.Length], new int[ids.Length]);
            var pairs = new List<(int, long)>(ids.Length);
            for (var i = 0; i < ids.Length; i++)
            {
                (_next[i], _previous[i]) = (i + 1, i - 1);
                _ranks[i] = i + 1 < ids.Length ? merges.Rank(ids[i], ids[i + 1]) : int.MaxValue;
                if (_ranks[i] != int.MaxValue)
                    pairs.Add((i, Priority(_ranks[i], i)));
            }

            _heap = new PriorityQueue<int, long>(pairs);
        }

        public readonly int Merge()
        {
            while (_heap.TryDequeue(out var left, out var priority))
            {
                if (_ids[left] < 0 || Priority(_ranks[left], left) != priority)
                    continue;
                var right = _next[left];
                _ids[left] = _merges.Result(_ids[left], _ids[right]);
                _ids[right] = -1;
                _next[left] = _next[right];
                if (_next[left] < _ids.Length)
                    _previous[_next[left]] = left;
                Offer(left);
                if (_previous[left] >= 0)
                    Offer(_previous[left]);
            }

            return Compact();
        }

        private static long Priority(int rank, int left) => ((long)rank << 32) | (uint)left;

        private readonly void Offer(int left)
        {
            var right = _next[left];
            _ranks[left] = right < _ids.Length ? _merges.Rank(_ids[left], _ids[right]) : int.MaxValue;
            if (_ranks[left] != int.MaxValue)
                _heap.Enqueue(left, Priority(_ranks[left], left));
        }

        private readonly int Compact()
        {
            var count = 0;
            foreach (var id in _ids)
            {
                if (id >= 0)
                    _ids[count++] = id;
            }

            return count;
        }
    }
}
