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
    public const int Rows = 4;

    /// <summary>Words ahead at which one row asks for weights: 4 KiB.</summary>
    private const int Ahead = 1024;

    /// <summary>
    /// 1 row by 1 group, whose chains go to <c>sums[16]</c>: two steps that wait for each other take less time than their line from memory, and one group
    /// after another is read as it lies. Four groups side by side were slower by 10%.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Row1Group1(float* row, uint* panel, int depth, float* sums)
    {
        TLanes c = TLanes.Zero;
        for (int k = 0; k < depth; k += 2, panel += 16)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(panel + Ahead);
            }

            c = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row[k]), TLanes.LoadUpperHalves(panel), c);
            c = TLanes.FusedMultiplyAdd(TLanes.Broadcast(row[k + 1]), TLanes.LoadLowerHalves(panel), c);
        }

        c.Store(sums);
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
