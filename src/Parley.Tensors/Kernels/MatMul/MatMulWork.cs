using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// output[M, N] = or += left . right, from packed panels, plus an optional bias. A chunk is a block of rows by a block of
/// columns; its chains rest in the worker's scratch while the depth is walked in blocks that fit the caches, and each tile is
/// written out as it is finished, so that the stores hide behind the next tile. The cut into chunks and blocks cannot show in
/// the result: each element is one chain over the depth.
/// </summary>
internal readonly unsafe struct MatMulWork<TLanes, TColumns>(Panels left, TColumns right, MatMulTarget target, MatMulBlocking blocking) : IWorkerWork
    where TLanes : struct, ILanes<TLanes>
    where TColumns : struct, IColumnPanels
{
    private static bool Wide => typeof(TLanes) == typeof(Lanes512);

    public void Execute(int chunk, int worker)
    {
        int rowBlocks = blocking.RowBlocks(left.PanelCount);
        int firstPanel = chunk % rowBlocks * blocking.RowPanels;
        int firstGroup = chunk / rowBlocks * blocking.Groups;
        Block block = new()
        {
            FirstPanel = firstPanel,
            Panels = Math.Min(blocking.RowPanels, left.PanelCount - firstPanel),
            FirstGroup = firstGroup,
            Groups = Math.Min(blocking.Groups, right.PanelCount - firstGroup),
            Scratch = (float*)target.Scratch + worker * blocking.ScratchFloats,
        };
        block.Decoded = block.Scratch + blocking.ChainFloats;

        int start = 0;
        do
        {
            Multiply(block, start, Math.Min(blocking.Depth, left.Depth - start));
            start += blocking.Depth;
        }
        while (start < left.Depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Multiply(in Block block, int start, int depth)
    {
        int step = Wide ? WideTiles<TLanes>.Groups : NarrowTiles<TLanes>.Groups;
        bool final = start + depth == left.Depth;
        RegisterTile tile = new() { Step = left.Width, Depth = depth, Stride = blocking.Stride, Resume = start != 0 };
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
                tile.A = left.Panel(block.FirstPanel + panel) + start * left.Width;
                tile.Target = block.Scratch + panel * Panels.RowWidth * blocking.Stride + group * Panels.ColumnWidth;
                int rows = Math.Min(Panels.RowWidth, left.Count - (block.FirstPanel + panel) * Panels.RowWidth);
                if (Wide)
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
        public float* Scratch, Decoded;
    }
}
