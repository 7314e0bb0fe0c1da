using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// output[M, N] = or += left . right, from packed panels, plus an optional bias. A chunk is a block of rows by a block of
/// columns; its chains rest in the worker's scratch while the depth is walked in blocks that fit the caches, and each tile is
/// written out as it is finished, so that the stores hide behind the next tile. The cut into chunks and blocks cannot show in
/// the result: each element is one chain over the depth.
/// </summary>
internal readonly unsafe struct MatMulWork<TLanes, TColumns>(LeftOperand left, TColumns right, MatMulTarget target, MatMulBlocking blocking) : IWorkerWork
    where TLanes : struct, ILanes<TLanes>
    where TColumns : struct, IColumnPanels
{
    // The first tile's asking is cut short where the processor is busy; a third would only repeat it.
    private const int PairTilesThatAsk = 2;

    private static bool Wide => typeof(TLanes) == typeof(Lanes512);

    public void Execute(int chunk, int worker)
    {
        int rowBlocks = blocking.RowBlocks(left.Panels.PanelCount);
        int firstPanel = chunk % rowBlocks * blocking.RowPanels;
        int firstGroup = chunk / rowBlocks * blocking.Groups;
        Block block = new()
        {
            FirstPanel = firstPanel,
            Panels = Math.Min(blocking.RowPanels, left.Panels.PanelCount - firstPanel),
            FirstGroup = firstGroup,
            Groups = Math.Min(blocking.Groups, right.PanelCount - firstGroup),
            Scratch = (float*)target.Scratch + worker * blocking.ScratchFloats,
        };
        block.Decoded = block.Scratch + blocking.ChainFloats;
        float* packed = block.Decoded + blocking.DecodedFloats;

        int start = 0;
        do
        {
            int depth = Math.Min(blocking.Depth, left.Panels.Depth - start);
            if (left.IsPacked)
            {
                block.Rows = left.Panels.Panel(firstPanel) + start * left.Panels.Width;
                block.PanelStride = (long)left.Panels.Depth * left.Panels.Width;
            }
            else
            {
                left.Pack(firstPanel, block.Panels, start, depth, packed);
                block.Rows = packed;
                block.PanelStride = (long)depth * left.Panels.Width;
            }

            Multiply(block, start, depth);
            start += blocking.Depth;
        }
        while (start < left.Panels.Depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Multiply(in Block block, int start, int depth)
    {
        int step = Wide ? WideTiles<TLanes>.Groups : NarrowTiles<TLanes>.Groups;
        bool only = blocking.DepthBlocks == 1;
        bool final = start + depth == left.Panels.Depth;
        RegisterTile tile = new() { Step = left.Panels.Width, Depth = depth, Stride = blocking.Stride, Resume = start != 0 };
        for (int group = 0; group < block.Groups; group += step)
        {
            // A wide tile at the edge computes the last group again in place of the missing ones.
            int last = block.Groups - 1;
            tile.B0 = right.Columns(block.FirstGroup + group, start, depth, block.Decoded);
            if (Wide)
            {
                tile.B1 = right.Columns(block.FirstGroup + Math.Min(group + 1, last), start, depth, block.Decoded + depth * Panels.ColumnWidth);
                tile.B2 = right.Columns(block.FirstGroup + Math.Min(group + 2, last), start, depth, block.Decoded + 2 * depth * Panels.ColumnWidth);
            }

            for (int panel = 0; panel < block.Panels; panel++)
            {
                tile.A = block.Rows + panel * block.PanelStride;
                LookAhead(ref tile, block, group, panel, start);
                tile.Target = only ? block.Scratch : block.Scratch + panel * Panels.RowWidth * blocking.Stride + group * Panels.ColumnWidth;
                int rows = Math.Min(Panels.RowWidth, left.Panels.Count - (block.FirstPanel + panel) * Panels.RowWidth);
                if (final && Sse.IsSupported)
                {
                    AskForOutput(block.FirstPanel + panel, block.FirstGroup + group, rows);
                }

                if (left.InPairs)
                {
                    PairTiles<TLanes>.Run(tile, Math.Min(step, block.Groups - group), target.Assembled);
                }
                else if (Wide)
                {
                    WideTiles<TLanes>.Run(tile, rows);
                }
                else
                {
                    NarrowTiles<TLanes>.Run(tile, rows);
                }

                if (final)
                {
                    WriteOut(tile, block.FirstPanel + panel, block.FirstGroup + group, rows, Math.Min(step, block.Groups - group));
                }
            }
        }
    }

    /// <summary>
    /// The columns of the next tiles come from far away and would hold up the first tile that needs them, so each of a block's tiles asks for a
    /// piece: a tile in three for each of the three groups.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LookAhead(ref RegisterTile tile, in Block block, int group, int panel, int start)
    {
        tile.Ahead = (byte*)tile.A;
        tile.AheadStep = 0;
        tile.AsksForNext = panel < PairTilesThatAsk && group + 2 * WideTiles<TLanes>.Groups <= block.Groups;
        int next = group + WideTiles<TLanes>.Groups + panel % WideTiles<TLanes>.Groups;
        if (Wide && next < block.Groups && right.Ahead(block.FirstGroup + next, start) is var ahead && ahead != null)
        {
            int pieces = (block.Panels + WideTiles<TLanes>.Groups - 1) / WideTiles<TLanes>.Groups;
            tile.AheadStep = (Panels.ColumnWidth * sizeof(float) + pieces - 1) / pieces;
            tile.Ahead = (byte*)ahead + panel / WideTiles<TLanes>.Groups * tile.AheadStep * tile.Depth;
        }
    }

    /// <summary>Where a tile will be written, or read too, should be near by the time it is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AskForOutput(int panel, int group, int rows)
    {
        float* to = (float*)target.Data + (long)panel * Panels.RowWidth * target.Stride + group * Panels.ColumnWidth;
        for (int row = 0; row < rows; row++, to += target.Stride)
        {
            Sse.Prefetch0(to);
            Sse.Prefetch0(to + Panels.ColumnWidth);
            Sse.Prefetch0(to + 2 * Panels.ColumnWidth);
        }
    }

    private void WriteOut(in RegisterTile tile, int panel, int group, int rows, int groups)
    {
        int firstColumn = group * Panels.ColumnWidth;
        int columns = Math.Min(groups * Panels.ColumnWidth, right.Count - firstColumn);
        float* bias = target.Bias == 0 ? null : (float*)target.Bias + firstColumn;
        float* to = (float*)target.Data + (long)panel * Panels.RowWidth * target.Stride + firstColumn;
        for (int row = 0; row < rows; row++)
        {
            WriteRow(tile.Target + row * blocking.Stride, bias, to + row * target.Stride, columns, target.Accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void WriteRow(float* chain, float* bias, float* to, int columns, bool accumulate)
    {
        int i = 0;
        for (; i + 16 <= columns; i += 16)
        {
            TLanes value = TLanes.Load(chain + i);
            value = bias == null ? value : value + TLanes.Load(bias + i);
            value = accumulate ? TLanes.Load(to + i) + value : value;
            value.Store(to + i);
        }

        for (; i < columns; i++)
        {
            float value = bias == null ? chain[i] : chain[i] + bias[i];
            to[i] = accumulate ? to[i] + value : value;
        }
    }

    private struct Block
    {
        public int FirstPanel, Panels, FirstGroup, Groups;
        public float* Scratch, Decoded, Rows;
        public long PanelStride;
    }
}
