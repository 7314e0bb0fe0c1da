using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// output[M, N] = or += left . right, from packed panels, plus an optional bias. A chunk is a block of rows by a block of
/// columns; the depth is walked in blocks that fit the caches, and between them chains rest in the output, or in the worker's scratch where a
/// tile is not whole. The cut into chunks and blocks cannot show in the result: each element is one chain over the depth, which goes on from
/// what was there if it is added to.
/// </summary>
internal readonly unsafe struct MatMulWork<TLanes, TColumns>(LeftOperand left, TColumns right, MatMulTarget target, MatMulBlocking blocking) : IWorkerWork
    where TLanes : struct, ILanes<TLanes>
    where TColumns : struct, IColumnPanels
{
    // The first tile's asking is cut short where the processor is busy; a third would only repeat it.
    private const int PairTilesThatAsk = 2;

    private static bool Wide => typeof(TLanes) == typeof(Lanes512);

    /// <summary>The first of a chunk's rows and how many it has; for products of one block of columns.</summary>
    public (int First, int Count) Rows(int chunk)
    {
        int first = chunk * blocking.RowPanels * Panels.RowWidth;
        return (first, Math.Min(blocking.RowPanels * Panels.RowWidth, left.Panels.Count - first));
    }

    public int Chunks => blocking.Chunks(left.Panels.PanelCount, right.PanelCount);

    private bool InPlace => Wide && left.IsReadInPlace;

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
            Scratch = (float*)target.Scratch + worker * target.ScratchFloats,
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
                // Of rows that are read in place only those of a last panel that is not whole are packed.
                block.FirstPacked = InPlace ? Math.Min(block.Panels, left.Panels.Count / Panels.RowWidth - firstPanel) : 0;
                left.Pack(firstPanel + block.FirstPacked, block.Panels - block.FirstPacked, start, depth, packed);
                block.PanelStride = (long)depth * left.Panels.Width;
                block.Rows = packed - block.FirstPacked * block.PanelStride;
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
        RegisterTile tile = new() { Depth = depth, Resume = start != 0 || target.Accumulate };
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
                bool inPlace = panel < block.FirstPacked;
                tile.A = inPlace ? left.InPlace(block.FirstPanel + panel, start) : block.Rows + panel * block.PanelStride;
                (tile.Step, tile.Row) = inPlace ? (1, left.Source.Stride) : (left.Panels.Width, 1);
                LookAhead(ref tile, block, group, panel, start);
                int rows = Math.Min(Panels.RowWidth, left.Panels.Count - (block.FirstPanel + panel) * Panels.RowWidth);
                float* output = Output(block.FirstPanel + panel, block.FirstGroup + group);
                if (Sse.IsSupported)
                {
                    AskForOutput(output, rows);
                }

                // Chains of a whole tile rest where they are wanted; what sticks out over an edge rests in scratch.
                bool whole = rows == Panels.RowWidth && group + step <= block.Groups && (block.FirstGroup + group + step) * Panels.ColumnWidth <= right.Count;
                int columns = Math.Min(Math.Min(step, block.Groups - group) * Panels.ColumnWidth, right.Count - (block.FirstGroup + group) * Panels.ColumnWidth);
                tile.Target = output;
                tile.Stride = target.Stride;
                if (!whole)
                {
                    tile.Target = only ? block.Scratch : block.Scratch + panel * Panels.RowWidth * blocking.Stride + group * Panels.ColumnWidth;
                    tile.Stride = blocking.Stride;
                    if (target.Accumulate && start == 0)
                    {
                        Copy(output, target.Stride, tile.Target, tile.Stride, rows, columns);
                    }
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

                if (final && !whole)
                {
                    Copy(tile.Target, tile.Stride, output, target.Stride, rows, columns);
                }

                if (final && target.Bias != 0)
                {
                    AddBias(output, (block.FirstGroup + group) * Panels.ColumnWidth, rows, columns);
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

    private float* Output(int panel, int group) => (float*)target.Data + (long)panel * Panels.RowWidth * target.Stride + group * Panels.ColumnWidth;

    /// <summary>Where a tile will be written, or read too, should be near by the time it is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AskForOutput(float* to, int rows)
    {
        for (int row = 0; row < rows; row++, to += target.Stride)
        {
            Sse.Prefetch0(to);
            Sse.Prefetch0(to + Panels.ColumnWidth);
            Sse.Prefetch0(to + 2 * Panels.ColumnWidth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void AddBias(float* output, int column, int rows, int columns)
    {
        float* bias = (float*)target.Bias + column;
        for (int row = 0; row < rows; row++, output += target.Stride)
        {
            int i = 0;
            for (; i + 16 <= columns; i += 16)
            {
                (TLanes.Load(output + i) + TLanes.Load(bias + i)).Store(output + i);
            }

            for (; i < columns; i++)
            {
                output[i] += bias[i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Copy(float* from, long fromStride, float* to, long toStride, int rows, int columns)
    {
        for (int row = 0; row < rows; row++, from += fromStride, to += toStride)
        {
            new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(to, columns));
        }
    }

    private struct Block
    {
        public int FirstPanel, Panels, FirstGroup, Groups, FirstPacked;
        public float* Scratch, Decoded, Rows;
        public long PanelStride;
    }
}
