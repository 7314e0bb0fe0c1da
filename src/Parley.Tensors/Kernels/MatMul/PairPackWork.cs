using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Rounds a matrix to BF16 and copies it into panels of pairs: what <see cref="PackWork"/> does, with two steps of the depth in each 32 bits, the
/// even one in the lower half. A chunk is some pairs of all panels. An odd depth ends in a zero. Whole numbers all the way, so the vectors used here show in no result.
/// </summary>
internal readonly unsafe struct PairPackWork(MatrixSource source, Panels target, int pairsPerChunk) : IWork
{
    private const int Block = 8;

    public static int Pairs(int depth) => (depth + 1) / 2;

    public void Execute(int chunk)
    {
        int start = chunk * pairsPerChunk, end = Math.Min(start + pairsPerChunk, target.Depth);
        if (source.DepthIsInner)
        {
            Interleave(start, end);
        }
        else
        {
            for (int pair = start; pair < end; pair++)
            {
                Gather(pair);
            }
        }
    }

    /// <summary>Two rows of the source become one step of every panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Gather(int pair)
    {
        int width = target.Width, whole = source.Count / width;
        bool odd = 2 * pair + 1 < source.Depth;
        float* even = (float*)source.Data + 2L * pair * source.Stride, next = odd ? even + source.Stride : even;
        uint keep = odd ? 0xFFFF0000u : 0u;
        for (int panel = 0; panel < whole; panel++)
        {
            uint* to = (uint*)target.Panel(panel) + (long)pair * width;
            for (int i = 0; i < width; i += 8, to += 8)
            {
                int column = panel * width + i;
                Vector256<uint> low = BFloat16Rounding.Round(Vector256.Load(even + column)) >>> 16;
                Vector256<uint> high = BFloat16Rounding.Round(Vector256.Load(next + column)) & Vector256.Create(keep);
                (low | high).Store(to);
            }
        }

        if (whole < target.PanelCount)
        {
            uint* to = (uint*)target.Panel(whole) + (long)pair * width;
            for (int i = 0; i < width; i++)
            {
                int column = whole * width + i;
                to[i] = column < source.Count ? (BFloat16Rounding.Round(even[column]) >> 16) | (BFloat16Rounding.Round(next[column]) & keep) : 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Interleave(int start, int end)
    {
        uint* rows = stackalloc uint[Block * Block];
        for (int first = 0; first < target.PanelCount * target.Width; first += Block)
        {
            int count = Math.Clamp(source.Count - first, 0, Block);
            uint* to = (uint*)target.Panel(first / target.Width) + first % target.Width;
            float* from = (float*)source.Data + first * source.Stride;
            int pair = start;
            for (; count == Block && pair + Block <= end && 2 * (pair + Block) <= source.Depth; pair += Block)
            {
                for (int row = 0; row < Block; row++)
                {
                    BFloat16Rounding.Pairs(Vector512.Load(from + row * source.Stride + 2 * pair)).Store(rows + row * Block);
                }

                Transpose.Block8((float*)rows, Block, (float*)(to + (long)pair * target.Width), target.Width);
            }

            for (; pair < end; pair++)
            {
                for (int row = 0; row < Block; row++)
                {
                    to[(long)pair * target.Width + row] = row < count ? Pair(from + row * source.Stride, pair) : 0;
                }
            }
        }
    }

    private uint Pair(float* row, int pair) =>
        (BFloat16Rounding.Round(row[2 * pair]) >> 16) | (2 * pair + 1 < source.Depth ? BFloat16Rounding.Round(row[2 * pair + 1]) : 0);
}
