using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>Copies a matrix into panels. A chunk is <see cref="DepthPerChunk"/> steps of depth of all panels, so reads stay near each other.</summary>
internal readonly unsafe struct PackWork(MatrixSource source, Panels target) : IWork
{
    public const int DepthPerChunk = 32;

    public static int Chunks(int depth) => (depth + DepthPerChunk - 1) / DepthPerChunk;

    public void Execute(int chunk)
    {
        int start = chunk * DepthPerChunk;
        int depth = Math.Min(DepthPerChunk, source.Depth - start);
        for (int panel = 0; panel < target.PanelCount; panel++)
        {
            int first = panel * target.Width;
            int valid = Math.Min(target.Width, source.Count - first);
            float* to = target.Panel(panel) + (long)start * target.Width;
            if (source.DepthIsInner)
            {
                Interleave((float*)source.Data + first * source.Stride + start, valid, depth, to);
            }
            else
            {
                Copy((float*)source.Data + start * source.Stride + first, valid, depth, to);
            }
        }
    }

    private void Copy(float* from, int valid, int depth, float* to)
    {
        int width = target.Width;
        for (int k = 0; k < depth; k++, from += source.Stride, to += width)
        {
            if (valid == 16)
            {
                Vector512.Load(from).Store(to);
            }
            else if (valid == width)
            {
                Vector256.Load(from).Store(to);
            }
            else
            {
                new Span<float>(from, valid).CopyTo(new Span<float>(to, width));
                new Span<float>(to + valid, width - valid).Clear();
            }
        }
    }

    private void Interleave(float* from, int valid, int depth, float* to)
    {
        int width = target.Width;
        int whole = depth / 8 * 8;
        for (int row = 0; row < width; row += 8)
        {
            if (row + 8 <= valid)
            {
                for (int k = 0; k < whole; k += 8)
                {
                    Transpose.Block8(from + row * source.Stride + k, source.Stride, to + k * width + row, width);
                }

                InterleaveSlowly(from, row, row + 8, valid, whole, depth, to);
            }
            else
            {
                InterleaveSlowly(from, row, row + 8, valid, 0, depth, to);
            }
        }
    }

    private void InterleaveSlowly(float* from, int firstRow, int endRow, int valid, int start, int depth, float* to)
    {
        for (int k = start; k < depth; k++)
        {
            for (int row = firstRow; row < endRow; row++)
            {
                to[k * target.Width + row] = row < valid ? from[row * source.Stride + k] : 0;
            }
        }
    }
}
