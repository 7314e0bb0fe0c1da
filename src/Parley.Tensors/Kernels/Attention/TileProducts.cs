using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The two products of attention over a tile of floats in scratch memory, eight rows at a time: scores = queries . keys, outputs = factors *
/// outputs + weights . values. Each element is one chain of fused multiply-adds, over the head dim and over the positions, so neither the
/// shape of the register tile nor the company of a row shows in its bits.
/// </summary>
internal static unsafe class TileProducts<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Whether there are registers for 8 x 32 sums.</summary>
    private static bool IsWide => typeof(TLanes) == typeof(Lanes512);

    /// <summary>The panel of 32 keys outside, the groups of rows inside: the panel stays in the first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Scores(int rows, in AttentionScratch scratch, in CacheLayout layout, int start)
    {
        for (var column = 0; column < Tile.Keys; column += 32)
        {
            for (var row = 0; row < rows; row += 8)
            {
                if (scratch.Positions[row + 7] < start + column) continue; // masked whole
                Multiply(
                    new(scratch.Queries + row * layout.Width, layout.Width),
                    new(scratch.Keys + column, Tile.Keys),
                    layout.HeadDim,
                    new(scratch.Scores + row * Tile.Keys + column, Tile.Keys),
                    2,
                    null);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Values(int rows, in AttentionScratch scratch, in CacheLayout layout, int start)
    {
        for (var column = 0; column < layout.Width; column += 32)
        {
            for (var row = 0; row < rows; row += 8)
            {
                var keys = Math.Min(Tile.Keys, scratch.Positions[row + 7] - start + 1);
                if (keys <= 0) continue;
                Multiply(
                    new(scratch.Scores + row * Tile.Keys, Tile.Keys),
                    new(scratch.Values + column, layout.Width),
                    keys,
                    new(scratch.Outputs + row * layout.Width + column, layout.Width),
                    Math.Min(2, (layout.Width - column) / 16),
                    scratch.Factors + row);
            }
        }
    }

    /// <summary>C = factors * C (0 without factors) + A . B for eight rows and one or two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Matrix a, Matrix b, int count, Matrix c, int vectors, float* factors)
    {
        if (IsWide && vectors == 2)
        {
            Rows8Columns32(a, b, count, c, factors);
            return;
        }

        for (var i = 0; i < vectors; i++)
        {
            var right = new Matrix(b.First + i * 16, b.Stride);
            Rows4Columns16(a, right, count, new(c.First + i * 16, c.Stride), factors);
            Rows4Columns16(a.Below(4), right, count, new(c.First + 4 * c.Stride + i * 16, c.Stride), factors is null ? null : factors + 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows8Columns32(in Matrix a, in Matrix b, int count, in Matrix c, float* factors)
    {
        TLanes c00 = Start(c, 0, 0, factors), c01 = Start(c, 0, 16, factors), c10 = Start(c, 1, 0, factors), c11 = Start(c, 1, 16, factors);
        TLanes c20 = Start(c, 2, 0, factors), c21 = Start(c, 2, 16, factors), c30 = Start(c, 3, 0, factors), c31 = Start(c, 3, 16, factors);
        TLanes c40 = Start(c, 4, 0, factors), c41 = Start(c, 4, 16, factors), c50 = Start(c, 5, 0, factors), c51 = Start(c, 5, 16, factors);
        TLanes c60 = Start(c, 6, 0, factors), c61 = Start(c, 6, 16, factors), c70 = Start(c, 7, 0, factors), c71 = Start(c, 7, 16, factors);

        // Three pointers and two strides reach all eight rows without a register each.
        long one = a.Stride, two = 2 * one, step = b.Stride;
        float* a0 = a.First, a3 = a0 + 3 * one, a6 = a0 + 6 * one, right = b.First;
        for (var end = a0 + count; a0 < end; a0++, a3++, a6++, right += step)
        {
            TLanes v0 = TLanes.Load(right), v1 = TLanes.Load(right + 16);
            var x = TLanes.Broadcast(a0[0]);
            c00 = TLanes.FusedMultiplyAdd(x, v0, c00);
            c01 = TLanes.FusedMultiplyAdd(x, v1, c01);
            x = TLanes.Broadcast(a0[one]);
            c10 = TLanes.FusedMultiplyAdd(x, v0, c10);
            c11 = TLanes.FusedMultiplyAdd(x, v1, c11);
            x = TLanes.Broadcast(a0[two]);
            c20 = TLanes.FusedMultiplyAdd(x, v0, c20);
            c21 = TLanes.FusedMultiplyAdd(x, v1, c21);
            x = TLanes.Broadcast(a3[0]);
            c30 = TLanes.FusedMultiplyAdd(x, v0, c30);
            c31 = TLanes.FusedMultiplyAdd(x, v1, c31);
            x = TLanes.Broadcast(a3[one]);
            c40 = TLanes.FusedMultiplyAdd(x, v0, c40);
            c41 = TLanes.FusedMultiplyAdd(x, v1, c41);
            x = TLanes.Broadcast(a3[two]);
            c50 = TLanes.FusedMultiplyAdd(x, v0, c50);
            c51 = TLanes.FusedMultiplyAdd(x, v1, c51);
            x = TLanes.Broadcast(a6[0]);
            c60 = TLanes.FusedMultiplyAdd(x, v0, c60);
            c61 = TLanes.FusedMultiplyAdd(x, v1, c61);
            x = TLanes.Broadcast(a6[one]);
            c70 = TLanes.FusedMultiplyAdd(x, v0, c70);
            c71 = TLanes.FusedMultiplyAdd(x, v1, c71);
        }

        Store(c, 0, c00, c01);
        Store(c, 1, c10, c11);
        Store(c, 2, c20, c21);
        Store(c, 3, c30, c31);
        Store(c, 4, c40, c41);
        Store(c, 5, c50, c51);
        Store(c, 6, c60, c61);
        Store(c, 7, c70, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows4Columns16(in Matrix a, in Matrix b, int count, in Matrix c, float* factors)
    {
        TLanes c0 = Start(c, 0, 0, factors), c1 = Start(c, 1, 0, factors), c2 = Start(c, 2, 0, factors), c3 = Start(c, 3, 0, factors);
        long one = a.Stride, step = b.Stride;
        float* a0 = a.First, a2 = a0 + 2 * one, right = b.First;
        for (var end = a0 + count; a0 < end; a0++, a2++, right += step)
        {
            var value = TLanes.Load(right);
            c0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a0[0]), value, c0);
            c1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a0[one]), value, c1);
            c2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a2[0]), value, c2);
            c3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(a2[one]), value, c3);
        }

        c0.Store(c.First);
        c1.Store(c.First + c.Stride);
        c2.Store(c.First + 2 * c.Stride);
        c3.Store(c.First + 3 * c.Stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Start(in Matrix c, int row, int column, float* factors) =>
        factors is null ? TLanes.Zero : TLanes.Load(c.First + row * c.Stride + column) * TLanes.Broadcast(factors[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(in Matrix c, int row, TLanes low, TLanes high)
    {
        low.Store(c.First + row * c.Stride);
        high.Store(c.First + row * c.Stride + 16);
    }

    /// <summary>Rows that lie a stride apart.</summary>
    private readonly struct Matrix(float* first, long stride)
    {
        internal float* First { get; } = first;

        internal long Stride { get; } = stride;

        internal Matrix Below(int rows) => new(First + rows * Stride, Stride);
    }
}
