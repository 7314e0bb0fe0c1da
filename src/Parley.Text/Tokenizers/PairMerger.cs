namespace Parley.Text;

/// <summary>
/// Merges the byte tokens of one word: always the pair of lowest rank, the leftmost of equals. A heap over a linked list
/// keeps it O(n log n), so that a user's megabyte without a space does not hold up a server. Knows ids only.
/// </summary>
internal static class PairMerger
{
    /// <summary>Merges in place and returns how many ids are left at the front of <paramref name="ids"/>.</summary>
    public static int Merge(Span<int> ids, IReadOnlyDictionary<long, (int Rank, int Id)> ranks)
    {
        if (ids.Length < 2)
            return ids.Length;

        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            (next[i], previous[i]) = (i + 1, i - 1);

        var heap = new PriorityQueue<(int Left, long Pair, int Id), (int Rank, int Left)>();
        for (var i = 0; i + 1 < ids.Length; i++)
            Offer(heap, ranks, ids, i, i + 1);

        while (heap.TryDequeue(out var entry, out _))
        {
            var left = entry.Left;
            var right = next[left];
            if (ids[left] < 0 || right >= ids.Length || BpeVocabulary.Pair(ids[left], ids[right]) != entry.Pair)
                continue;

            ids[left] = entry.Id;
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] < ids.Length)
            {
                previous[next[left]] = left;
                Offer(heap, ranks, ids, left, next[left]);
            }

            if (previous[left] >= 0)
                Offer(heap, ranks, ids, previous[left], left);
        }

        return Compact(ids);
    }

    private static void Offer(
        PriorityQueue<(int, long, int), (int, int)> heap, IReadOnlyDictionary<long, (int Rank, int Id)> ranks, Span<int> ids, int left, int right)
    {
        var pair = BpeVocabulary.Pair(ids[left], ids[right]);
        if (ranks.TryGetValue(pair, out var merge))
            heap.Enqueue((left, pair, merge.Id), (merge.Rank, left));
    }

    private static int Compact(Span<int> ids)
    {
        var count = 0;
        foreach (var id in ids)
        {
            if (id >= 0)
                ids[count++] = id;
        }

        return count;
    }
}
