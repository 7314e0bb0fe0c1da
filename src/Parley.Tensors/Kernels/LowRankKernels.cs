using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Up to four rows of one update; A and B as panels of 16 outputs.</summary>
/// <param name="First">The first of its rows in the list of rows.</param>
internal readonly record struct LowRankTile(nint A, nint B, int Rank, float Scale, int First, int Count)
{
    /// <summary>Rows that share each load of a weight.</summary>
    internal const int Rows = 4;
}

/// <summary>
/// inner[i] = A . x[rows[i]], each element one FMA chain over k: the bits of the matrix product. An item is a tile's panel of 16 ranks.
/// </summary>
internal readonly unsafe struct LowRankShrink(float* x, int depth, ReadOnlyMemory<int> rows, LowRankTile[] tiles, int panels, float* inner) : IKernel
{
    private readonly float* _x = x, _inner = inner;
    private readonly int _depth = depth, _panels = panels;
    private readonly ReadOnlyMemory<int> _rows = rows;
    private readonly LowRankTile[] _tiles = tiles;

    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var item = first; item < end; item++)
        {
            var (tile, panel) = (_tiles[item / _panels], item % _panels);
            if (panel * 16 >= tile.Rank) continue;
            var a = (float*)tile.A + (long)panel * _depth * 16;
            var rows = _rows.Span.Slice(tile.First, tile.Count);
            var target = _inner + ((long)tile.First * _panels + panel) * 16;
            if (rows.Length == LowRankTile.Rows) Four<TLanes>(a, rows, target);
            else for (var i = 0; i < rows.Length; i++) One<TLanes>(a, rows[i], target + (long)i * _panels * 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Four<TLanes>(float* a, ReadOnlySpan<int> rows, float* target)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x0 = Row(rows[0]), x1 = Row(rows[1]), x2 = Row(rows[2]), x3 = Row(rows[3]);
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
        for (var k = 0; k < _depth; k++)
        {
            var weights = TLanes.Load(a + (long)k * 16);
            s0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x0[k]), weights, s0);
            s1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x1[k]), weights, s1);
            s2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x2[k]), weights, s2);
            s3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x3[k]), weights, s3);
        }

        var step = (long)_panels * 16;
        s0.Store(target);
        s1.Store(target + step);
        s2.Store(target + 2 * step);
        s3.Store(target + 3 * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(float* a, int row, float* target)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = Row(row);
        var sum = TLanes.Zero;
        for (var k = 0; k < _depth; k++) sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[k]), TLanes.Load(a + (long)k * 16), sum);
        sum.Store(target);
    }

    private float* Row(int row) => _x + (long)row * _depth;
}

/// <summary>
/// output[rows[i]] += scale * B . inner[i], each element one FMA chain over the rank and one FMA with the scale. An item is a tile's block of
/// <see cref="Groups"/> times 16 outputs.
/// </summary>
internal readonly unsafe struct LowRankExpand(
    float* inner, int panels, ReadOnlyMemory<int> rows, LowRankTile[] tiles, float* output, int columns) : IKernel
{
    internal const int Groups = 8;

    private readonly float* _inner = inner, _output = output;
    private readonly int _stride = panels * 16, _columns = columns;
    private readonly ReadOnlyMemory<int> _rows = rows;
    private readonly LowRankTile[] _tiles = tiles;

    internal static int Blocks(int columns) => (Edge.Groups(columns) + Groups - 1) / Groups;

    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var blocks = Blocks(_columns);
        for (var item = first; item < end; item++)
        {
            var tile = _tiles[item / blocks];
            var group = item % blocks * Groups;
            var stop = Math.Min(group + Groups, Edge.Groups(_columns));
            var rows = _rows.Span.Slice(tile.First, tile.Count);
            if (rows.Length == LowRankTile.Rows) Four<TLanes>(tile, rows, group, stop);
            else for (var i = 0; i < rows.Length; i++) One<TLanes>(tile, tile.First + i, rows[i], group, stop);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Four<TLanes>(in LowRankTile tile, ReadOnlySpan<int> rows, int group, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        float* t0 = _inner + (long)tile.First * _stride, t1 = t0 + _stride, t2 = t1 + _stride, t3 = t2 + _stride;
        for (; group < stop; group++)
        {
            var b = (float*)tile.B + (long)group * tile.Rank * 16;
            TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
            for (var j = 0; j < tile.Rank; j++)
            {
                var weights = TLanes.Load(b + (long)j * 16);
                s0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(t0[j]), weights, s0);
                s1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(t1[j]), weights, s1);
                s2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(t2[j]), weights, s2);
                s3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(t3[j]), weights, s3);
            }

            Put(s0, tile.Scale, rows[0], group);
            Put(s1, tile.Scale, rows[1], group);
            Put(s2, tile.Scale, rows[2], group);
            Put(s3, tile.Scale, rows[3], group);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(in LowRankTile tile, int place, int row, int group, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        var t = _inner + (long)place * _stride;
        for (; group < stop; group++)
        {
            var b = (float*)tile.B + (long)group * tile.Rank * 16;
            var sum = TLanes.Zero;
            for (var j = 0; j < tile.Rank; j++) sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(t[j]), TLanes.Load(b + (long)j * 16), sum);
            Put(sum, tile.Scale, row, group);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TLanes>(TLanes sum, float scale, int row, int group)
        where TLanes : struct, ILanes<TLanes>
    {
        var target = _output + (long)row * _columns + group * 16;
        var left = _columns - group * 16L;
        Edge.Store(TLanes.FusedMultiplyAdd(sum, TLanes.Broadcast(scale), Edge.Load<TLanes>(target, left)), target, left);
    }
}
