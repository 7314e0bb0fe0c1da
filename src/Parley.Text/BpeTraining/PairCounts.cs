using System.Runtime.InteropServices;
using System.Text;

namespace Parley.Text;

/// <summary>
/// The state of BPE training: distinct words as ids with their counts, the count of every pair, and which words held it.
/// The heap is lazy: an entry whose count is out of date is put back with the right one. Knows ids only, never text.
/// </summary>
internal sealed class PairCounts
{
    private readonly int[][] _words;
    private readonly int[] _lengths;
    private readonly long[] _counts;
    private readonly Dictionary<long, long> _pairs = [];
    private readonly Dictionary<long, List<int>> _places = [];
    private readonly PriorityQueue<long, (long NegativeCount, long Pair)> _heap = new();

    /// <param name="words">Distinct words with their counts, in any order.</param>
    public PairCounts(IReadOnlyCollection<(string Word, long Count)> words)
    {
        var byteIds = new int[256];
        for (var id = 0; id < 256; id++)
            byteIds[ByteAlphabet.BytesInOrder[id]] = id;

        _words = [.. words.Select(word => Array.ConvertAll(Encoding.UTF8.GetBytes(word.Word), value => byteIds[value]))];
        _counts = [.. words.Select(word => word.Count)];
        _lengths = [.. _words.Select(word => word.Length)];
        for (var word = 0; word < _words.Length; word++)
        {
            for (var i = 0; i + 1 < _lengths[word]; i++)
                Add(Pair(_words[word][i], _words[word][i + 1]), word, _counts[word]);
        }

        foreach (var (pair, count) in _pairs)
            _heap.Enqueue(pair, (-count, pair));
    }

    /// <summary>Up to <paramref name="limit"/> merges in order; the k-th makes id 256 + k.</summary>
    public List<(int Left, int Right)> Merge(int limit, int minFrequency, CancellationToken cancellationToken)
    {
        var merges = new List<(int, int)>(limit);
        while (merges.Count < limit && TakeBest(minFrequency, out var pair))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Apply(pair, 256 + merges.Count);
            merges.Add(((int)(pair >> 32), (int)pair));
        }

        return merges;
    }

    private bool TakeBest(int minFrequency, out long pair)
    {
        while (_heap.TryDequeue(out pair, out var priority))
        {
            var count = _pairs.GetValueOrDefault(pair);
            if (count == -priority.NegativeCount)
                return count >= minFrequency;
            if (count > 0)
                _heap.Enqueue(pair, (-count, pair));
        }

        return false;
    }

    private void Apply(long pair, int merged)
    {
        var places = _places[pair];
        var fresh = new HashSet<long>();
        var previous = -1;
        foreach (var word in places)
        {
            if (word != previous)
                MergeWord(word, pair, merged, fresh);
            previous = word;
        }

        _places.Remove(pair);
        _pairs.Remove(pair);
        foreach (var grown in fresh)
            _heap.Enqueue(grown, (-_pairs[grown], grown));
    }

    // Rewrites one word and moves the counts of the pairs beside each merge. Only pairs that hold the new id can grow.
    private void MergeWord(int word, long pair, int merged, HashSet<long> fresh)
    {
        var (left, right) = ((int)(pair >> 32), (int)pair);
        var ids = _words[word];
        var (length, count) = (_lengths[word], _counts[word]);
        var write = 0;
        for (var read = 0; read < length; read++)
        {
            if (ids[read] != left || read + 1 == length || ids[read + 1] != right)
            {
                ids[write++] = ids[read];
                continue;
            }

            if (write > 0)
                Replace(Pair(ids[write - 1], left), Pair(ids[write - 1], merged), word, count, fresh);
            if (read + 2 < length)
                Replace(Pair(right, ids[read + 2]), Pair(merged, ids[read + 2]), word, count, fresh);
            ids[write++] = merged;
            read++;
        }

        _lengths[word] = write;
    }

    private void Replace(long old, long grown, int word, long count, HashSet<long> fresh)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairs, old, out _) -= count;
        Add(grown, word, count);
        fresh.Add(grown);
    }

    private void Add(long pair, int word, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out _) += count;
        ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
        places ??= [];
        if (places.Count == 0 || places[^1] != word)
            places.Add(word);
    }

    private static long Pair(int left, int right) => ((long)left << 32) | (uint)right;
}
