using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Loads and stores that respect the end of a row: lanes behind it read as a filler and are not written.</summary>
internal static unsafe class Edge
{
    /// <summary>Sixteen floats from <paramref name="source"/>, of which <paramref name="left"/> exist (possibly more than sixteen).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Load<TLanes>(float* source, long left, float fill = 0)
        where TLanes : struct, ILanes<TLanes> =>
        left >= 16 ? TLanes.Load(source) : LanesMath.LoadPartial<TLanes>(source, (int)left, fill);

    /// <inheritdoc cref="Load"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<TLanes>(TLanes value, float* target, long left)
        where TLanes : struct, ILanes<TLanes>
    {
        if (left >= 16) value.Store(target);
        else LanesMath.StorePartial(value, target, (int)left);
    }

    /// <summary>Stores, or adds to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Put<TLanes>(TLanes value, float* target, long left, bool accumulate)
        where TLanes : struct, ILanes<TLanes> =>
        Store(accumulate ? Load<TLanes>(target, left) + value : value, target, left);

    /// <summary>
    /// Where the last whole group of sixteen before group <paramref name="end"/> ends. Kernels run up to there without looking at the edge: a
    /// call in a loop, however rare, keeps what lives across it in memory.
    /// </summary>
    internal static long Whole(int end, long count) => Math.Min(end * 16L, count & ~15L);

    /// <summary>How many groups of sixteen cover <paramref name="count"/> floats.</summary>
    internal static int Groups(long count) => checked((int)((count + 15) / 16));
}
