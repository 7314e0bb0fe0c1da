namespace Parley.Tensors.Kernels;

/// <summary>How a product is cut: blocks of rows and columns for the workers, blocks of depth for the caches.</summary>
/// <param name="RowPanels">Panels of 8 rows in a block: at most 12, whose 768 steps of depth take 295 kB of the second-level cache.</param>
/// <param name="Groups">Groups of 16 columns in a block, a multiple of 3.</param>
/// <param name="Depth">Steps of depth at a time: three panels of columns then take at most 147 kB. Even: BF16 pairs are not cut.</param>
/// <param name="PacksRows">Whether a chunk takes the rows it needs itself, read in place or packed: each row is in few chunks, and the packed ones never leave the cache.</param>
/// <param name="DepthBlocks">Blocks of depth in all.</param>
internal readonly record struct MatMulBlocking(int RowPanels, int Groups, int Depth, bool PacksRows, int DepthBlocks)
{
    private const int MostRowPanels = 12;
    private const int LeastRowPanels = 4;
    private const int MostGroups = 30;
    private const int MostGroupsOfPackedRows = 192;
    private const int MostDepth = 768;
    private const int TileGroups = 3;

    // Enough chunks that a worker which comes late, or loses its core, does not keep the others waiting long.
    private const int ChunksPerWorker = 4;

    /// <summary>Floats from one row of a scratch block to the next: chains that fit one block of depth rest there for a tile's time only.</summary>
    public int Stride => (DepthBlocks == 1 ? TileGroups : Groups) * Panels.ColumnWidth;

    /// <summary>Floats of a block's chains.</summary>
    public long ChainFloats => (long)(DepthBlocks == 1 ? 1 : RowPanels) * Panels.RowWidth * Stride;

    /// <summary>Floats of a tile's columns when they have to be decoded.</summary>
    public long DecodedFloats => (long)TileGroups * Panels.ColumnWidth * Depth;

    /// <summary>Floats of a block's packed rows.</summary>
    public long RowFloats => PacksRows ? (long)RowPanels * Panels.RowWidth * Depth : 0;

    /// <summary>Floats of a worker's scratch: chains, decoded columns, packed rows.</summary>
    public long ScratchFloats => ChainFloats + DecodedFloats + RowFloats;

    public int RowBlocks(int panels) => Divide(panels, RowPanels);

    public int Chunks(int panels, int groups) => RowBlocks(panels) * Divide(groups, Groups);

    /// <param name="packed">Whether the rows are packed already.</param>
    public static MatMulBlocking For(int panels, int groups, int depth, int workers, bool packed)
    {
        int depthBlocks = Math.Max(1, Divide(depth, MostDepth));
        int depthOfBlock = Math.Max(1, Divide(Divide(depth, depthBlocks), 2)) * 2;
        depthBlocks = Math.Max(1, Divide(depth, depthOfBlock));
        if (!packed && panels >= workers * ChunksPerWorker * LeastRowPanels)
        {
            int rows = Math.Min(MostRowPanels, panels / (workers * ChunksPerWorker));
            rows = Divide(panels, Divide(panels, rows));
            int most = Divide(groups, Divide(groups, MostGroupsOfPackedRows));
            return new MatMulBlocking(rows, Divide(most, TileGroups) * TileGroups, depthOfBlock, true, depthBlocks);
        }

        int rowBlocks = Divide(panels, MostRowPanels);
        int rowPanels = Divide(panels, rowBlocks);
        int columnBlocks = Math.Max(Divide(groups, MostGroups), Divide(workers * ChunksPerWorker, rowBlocks));
        int blockGroups = Divide(Divide(groups, columnBlocks), TileGroups) * TileGroups;
        return new MatMulBlocking(rowPanels, blockGroups, depthOfBlock, false, depthBlocks);
    }

    private static int Divide(int value, int by) => (value + by - 1) / by;
}
