namespace Parley.Tensors.Kernels;

/// <summary>How a product is cut: blocks of rows and columns for the workers, blocks of depth for the caches.</summary>
/// <param name="RowPanels">Panels of 8 rows in a block: 12, whose 512 steps of depth take 196 kB of the second-level cache.</param>
/// <param name="Groups">Groups of 16 columns in a block, a multiple of 3.</param>
/// <param name="Depth">Steps of depth at a time: three panels of columns then take 96 kB. Even: BF16 pairs are not cut.</param>
internal readonly record struct MatMulBlocking(int RowPanels, int Groups, int Depth)
{
    private const int MostRowPanels = 12;
    private const int MostGroups = 30;
    private const int MostDepth = 512;
    private const int TileGroups = 3;

    // Enough chunks that a worker which comes late, or loses its core, does not keep the others waiting long.
    private const int ChunksPerWorker = 4;

    /// <summary>Floats from one row of a scratch block to the next.</summary>
    public int Stride => Groups * Panels.ColumnWidth;

    /// <summary>Floats of a block's chains.</summary>
    public long ChainFloats => (long)RowPanels * Panels.RowWidth * Stride;

    /// <summary>Floats of a worker's scratch: the chains, and a tile's columns when they have to be decoded.</summary>
    public long ScratchFloats => ChainFloats + (long)TileGroups * Panels.ColumnWidth * Depth;

    public int RowBlocks(int panels) => Divide(panels, RowPanels);

    public int Chunks(int panels, int groups) => RowBlocks(panels) * Divide(groups, Groups);

    public static MatMulBlocking For(int panels, int groups, int depth, int workers)
    {
        int rowBlocks = Divide(panels, MostRowPanels);
        int rowPanels = Divide(panels, rowBlocks);
        int columnBlocks = Math.Max(Divide(groups, MostGroups), Divide(workers * ChunksPerWorker, rowBlocks));
        int blockGroups = Divide(Divide(groups, columnBlocks), TileGroups) * TileGroups;
        int depthBlocks = Math.Max(1, Divide(depth, MostDepth));
        return new MatMulBlocking(rowPanels, blockGroups, Math.Max(1, Divide(Divide(depth, depthBlocks), 2)) * 2);
    }

    private static int Divide(int value, int by) => (value + by - 1) / by;
}
