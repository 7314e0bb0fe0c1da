using System.Numerics;
using System.Runtime.InteropServices;

namespace Parley.Text;

/// <summary>
/// What two neighbouring symbols merge to, and in which order: an open-addressed table, as every merged byte of every prompt
/// asks it. Written once, then only read.
/// </summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly Entry[] _entries;
    private readonly int _shift;

    public MergeTable(int capacity)
    {
        var bits = Math.Max(4, BitOperations.Log2((uint)capacity) + 2);
        _entries = new Entry[1 << bits];
        _shift = 64 - bits;
        Array.Fill(_entries, new Entry(Empty, 0, 0));
    }

    public int Count { get; private set; }

    /// <summary>Equal for equal merges in equal order.</summary>
    public ReadOnlySpan<byte> Content => MemoryMarshal.AsBytes(_entries);

    /// <summary>The first merge of a pair stays; at most the capacity may be added.</summary>
    public void Add(int left, int right, int rank, int result)
    {
        ref var entry = ref Slot(Key(left, right));
        if (entry.Key != Empty)
            return;
        entry = new Entry(Key(left, right), rank, result);
        Count++;
    }

    /// <summary>The rank of the pair's merge, or <see cref="int.MaxValue"/> when it has none.</summary>
    public int Rank(int left, int right)
    {
        ref var entry = ref Slot(Key(left, right));
        return entry.Key == Empty ? int.MaxValue : entry.Rank;
    }

    /// <summary>What a pair that has a rank becomes.</summary>
    public int Result(int left, int right) => Slot(Key(left, right)).Result;

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private ref Entry Slot(ulong key)
    {
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_entries[slot].Key != key && _entries[slot].Key != Empty)
            slot = (slot + 1) & (_entries.Length - 1);
        return ref _entries[slot];
    }

    private readonly record struct Entry(ulong Key, int Rank, int Result);
}
