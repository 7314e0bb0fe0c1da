using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Copies a matrix into panels; a chunk is some steps of depth of all panels. Bits only move, so neither the chunks nor the
/// vectors used here can show in a result.
/// </summary>
internal readonly unsafe struct PackWork(MatrixSource source, Panels target, int depthPerChunk) : IWork
{
    private const int Block = 8;
    private const int ChunkDepth = 64;
    private const int AheadRows = 2 * Block;
    private const int FloatsWorthSharing = 1 << 15;

    /// <summary>A small matrix is one chunk: it is packed sooner than shared out.</summary>
    public static int DepthPerChunk(MatrixSource source) =>
        (long)source.Count * source.Depth <= FloatsWorthSharing ? Math.Max(1, source.Depth) : ChunkDepth;

    public void Execute(int chunk)
    {
        int start = chunk * depthPerChunk;
        int end = Math.Min(start + depthPerChunk, source.Depth);
        if (source.DepthIsInner)
        {
            Interleave(start, end);
        }
        else
        {
            // Eight rows at a time: more, a power of two apart, would throw each other out of the first-level cache.
            for (int depth = start; depth < end; depth += Block)
            {
                Gather(depth, Math.Min(Block, end - depth));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Gather(int start, int depth)
    {
        int width = target.Width;
        int whole = source.Count / width;
        float* from = (float*)source.Data + start * source.Stride;
        for (int panel = 0; panel < whole; panel++, from += width)
        {
            float* to = target.Panel(panel) + (long)start * width;
            for (int k = 0; k < depth; k++, to += width)
            {
                if (Sse.IsSupported)
                {
                    // Only a few cache lines of a row are taken here, too few for the processor to see where the reading goes.
                    Sse.Prefetch0(from + (k + AheadRows) * source.Stride);
                }

                if (width == Panels.ColumnWidth)
                {
                    Vector512.Load(from + k * source.Stride).Store(to);
                }
                else
                {
                    Vector256.Load(from + k * source.Stride).Store(to);
                }
            }
        }

        int rest = source.Count - whole * width;
        for (int k = 0; rest > 0 && k < depth; k++)
        {
            Span<float> to = new(target.Panel(whole) + (long)(start + k) * width, width);
            new Span<float>(from + k * source.Stride, rest).CopyTo(to);
            to[rest..].Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Interleave(int start, int end)
    {
        int width = target.Width;
        for (int panel = 0; panel < target.PanelCount; panel++)
        {
            for (int row = 0; row < width; row += Block)
            {
                int first = panel * width + row;
                int rows = Math.Clamp(source.Count - first, 0, Block);
                float* from = (float*)source.Data + first * source.Stride;
                float* to = target.Panel(panel) + row;
                int k = start;
                for (; rows == Block && k + Block <= end; k += Block)
                {
                    Transpose.Block8(from + k, source.Stride, to + (long)k * width, width);
                }

                for (; k < end; k += Block)
                {
                    InterleaveEdge(from + k, rows, Math.Min(Block, end - k), to + (long)k * width);
                }
            }
        }
    }

    // Fills a whole block up with zeros first; what is beyond the depth stays behind.
    private void InterleaveEdge(float* from, int rows, int depth, float* to)
    {
        float* square = stackalloc float[Block * Block];
        float* turned = stackalloc float[Block * Block];
        for (int row = 0; row < Block; row++)
        {
            for (int k = 0; k < Block; k++)
            {
                square[row * Block + k] = row < rows && k < depth ? from[row * source.Stride + k] : 0;
            }
        }

        Transpose.Block8(square, Block, turned, Block);
        for (int k = 0; k < depth; k++)
        {
            Vector256.Load(turned + k * Block).Store(to + k * target.Width);
        }
    }
}
