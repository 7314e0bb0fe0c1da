using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Register tiles straight from BF16 panels, for few rows: decoding a panel for them would cost more than their products. A row is
/// what <see cref="BFloat16Rounding.Swap"/> made of it; each element is one chain over the depth in that order.
/// </summary>
internal static unsafe class BFloat16Tiles<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    public const int Groups = 4;
    public const int Rows = 4;

    /// <summary>Words ahead at which one row asks for its four groups: 2 KiB, with which the fastest of nine rounds ran 1.2 times as fast.</summary>
    private const int Ahead = 512;

    /// <summary>1 row by 4 groups, <paramref name="stride"/> words apart; the chains go to <c>sums[group][16]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Row1Groups4(float* row, uint* panel, long stride, int depth, float* sums)
    {
        uint* panel1 = panel + stride, panel2 = panel1 + stride, panel3 = panel2 + stride;
        TLanes c0 = TLanes.Zero, c1 = TLanes.Zero, c2 = TLanes.Zero, c3 = TLanes.Zero;
        for (int k = 0; k < depth; k += 2)
        {
            long at = (long)k * 8;
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(panel + at + Ahead);
                Sse.Prefetch0(panel1 + at + Ahead);
                Sse.Prefetch0(panel2 + at + Ahead);
                Sse.Prefetch0(panel3 + at + Ahead);
            }

            TLanes x = TLanes.Broadcast(row[k]);
            c0 = TLanes.FusedMultiplyAdd(x, TLanes.LoadUpperHalves(panel + at), c0);
            c1 = TLanes.FusedMultiplyAdd(x, TLanes.LoadUpperHalves(panel1 + at), c1);
            c2 = TLanes.FusedMultiplyAdd(x, TLanes.LoadUpperHalves(panel2 + at), c2);
            c3 = TLanes.FusedMultiplyAdd(x, TLanes.LoadUpperHalves(panel3 + at), c3);
            x = TLanes.Broadcast(row[k + 1]);
            c0 = TLanes.FusedMultiplyAdd(x, TLanes.LoadLowerHalves(panel + at), c0);
            c1 = TLanes.FusedMultiplyAdd(x, TLanes.LoadLowerHalves(panel1 + at), c1);
            c2 = TLanes.FusedMultiplyAdd(x, TLanes.LoadLowerHalves(panel2 + at), c2);
            c3 = TLanes.FusedMultiplyAdd(x, TLanes.LoadLowerHalves(panel3 + at), c3);
        }

        c0.Store(sums);
        c1.Store(sums + 16);
        c2.Store(sums + 32);
        c3.Store(sums + 48);
    }

    /// <summary>4 rows, <paramref name="stride"/> floats apart, by 1 group; the chains go to <c>sums[row][16]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rows4Group1(float* row, long stride, uint* panel, int depth, float* sums)
    {
        float* row1 = row + stride, row2 = row1 + stride, row3 = row2 + stride;
        TLanes c0 = TLanes.Zero, c1 = TLanes.Zero, c2 = TLanes.Zero, c3 = TLanes.Zero;
        for (int k = 0; k < depth; k += 2, panel += 16)
        {
            TLanes w = TLanes.LoadUpperHalves(panel);
            c0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row[k]), w, c0);
            c1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row1[k]), w, c1);
            c2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row2[k]), w, c2);
            c3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row3[k]), w, c3);
            w = TLanes.LoadLowerHalves(panel);
            c0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row[k + 1]), w, c0);
            c1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row1[k + 1]), w, c1);
            c2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row2[k + 1]), w, c2);
            c3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row3[k + 1]), w, c3);
        }

        c0.Store(sums);
        c1.Store(sums + 16);
        c2.Store(sums + 32);
        c3.Store(sums + 48);
    }
}
