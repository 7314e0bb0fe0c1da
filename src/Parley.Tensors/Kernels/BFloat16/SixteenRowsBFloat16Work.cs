using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// output[T, N] = rows . weights (+ bias) by tiles of 16 rows straight from BF16 panels: their sums take half of the 32 registers that this needs, and
/// 16 rows pay for decoding on the way, so that up to 16 see the weights pass by once. A chunk is some groups of 16 outputs.
/// </summary>
/// <param name="left">[panels][depth][8], as <see cref="BFloat16Rounding.Swap"/> and <see cref="MatMulKernel.PackLeft"/> made it.</param>
internal readonly unsafe struct SixteenRowsBFloat16Work<TLanes>(BFloat16Product product, Panels left, int groupsPerChunk) : IWork
    where TLanes : struct, ILanes<TLanes>
{
    private const int Rows = 2 * Panels.RowWidth;

    private const int Width = Panels.ColumnWidth;

    private readonly BFloat16Panels _weights = product.Weight;

    public void Execute(int chunk)
    {
        int end = Math.Min(_weights.PanelCount, (chunk + 1) * groupsPerChunk);
        float* sums = stackalloc float[Rows * Width];
        for (int group = chunk * groupsPerChunk; group < end; group++)
        {
            for (int panel = 0; panel < left.PanelCount; panel += 2)
            {
                int second = Math.Min(panel + 1, left.PanelCount - 1); // without a partner a panel is computed twice
                Multiply(left.Panel(panel), left.Panel(second), (uint*)_weights.Panel(group), _weights.Stride, _weights.Depth, sums);
                Put(sums, panel * Panels.RowWidth, group);
            }
        }
    }

    private void Put(float* sums, int row, int group)
    {
        int column = group * Width, outputs = _weights.Count - column, end = Math.Min(left.Count, row + Rows);
        TLanes bias = product.Bias == 0 ? TLanes.Zero : Edge.Load<TLanes>((float*)product.Bias + column, outputs);
        for (; row < end; row++, sums += Width)
        {
            TLanes sum = TLanes.Load(sums);
            Edge.Store(product.Bias == 0 ? sum : sum + bias, (float*)product.Output + (long)row * _weights.Count + column, outputs);
        }
    }

    /// <summary>16 rows by 1 group; each element is one chain over the depth. The lines of the group behind are asked for on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply(float* x, float* y, uint* panel, long ahead, int depth, float* sums)
    {
        TLanes c0 = TLanes.Zero, c1 = TLanes.Zero, c2 = TLanes.Zero, c3 = TLanes.Zero, c4 = TLanes.Zero, c5 = TLanes.Zero, c6 = TLanes.Zero, c7 = TLanes.Zero;
        TLanes d0 = TLanes.Zero, d1 = TLanes.Zero, d2 = TLanes.Zero, d3 = TLanes.Zero, d4 = TLanes.Zero, d5 = TLanes.Zero, d6 = TLanes.Zero, d7 = TLanes.Zero;
        for (uint* last = panel + depth * 8; panel < last; panel += 16, x += 16, y += 16)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0((byte*)panel + ahead);
            }

            TLanes w = TLanes.LoadUpperHalves(panel);
            c0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[0]), w, c0);
            c1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[1]), w, c1);
            c2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[2]), w, c2);
            c3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[3]), w, c3);
            c4 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[4]), w, c4);
            c5 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[5]), w, c5);
            c6 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[6]), w, c6);
            c7 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[7]), w, c7);
            d0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[0]), w, d0);
            d1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[1]), w, d1);
            d2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[2]), w, d2);
            d3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[3]), w, d3);
            d4 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[4]), w, d4);
            d5 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[5]), w, d5);
            d6 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[6]), w, d6);
            d7 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[7]), w, d7);
            w = TLanes.LoadLowerHalves(panel);
            c0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[8]), w, c0);
            c1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[9]), w, c1);
            c2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[10]), w, c2);
            c3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[11]), w, c3);
            c4 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[12]), w, c4);
            c5 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[13]), w, c5);
            c6 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[14]), w, c6);
            c7 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(x[15]), w, c7);
            d0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[8]), w, d0);
            d1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[9]), w, d1);
            d2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[10]), w, d2);
            d3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[11]), w, d3);
            d4 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[12]), w, d4);
            d5 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[13]), w, d5);
            d6 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[14]), w, d6);
            d7 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(y[15]), w, d7);
        }

        Put(c0, c1, c2, c3, sums);
        Put(c4, c5, c6, c7, sums + 4 * Width);
        Put(d0, d1, d2, d3, sums + 8 * Width);
        Put(d4, d5, d6, d7, sums + 12 * Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(TLanes a, TLanes b, TLanes c, TLanes d, float* sums)
    {
        a.Store(sums);
        b.Store(sums + Width);
        c.Store(sums + 2 * Width);
        d.Store(sums + 3 * Width);
    }
}
