namespace Parley.Tensors.Kernels;

/// <summary>
/// output[T, N] = tokens . weights (+ bias) with assembled tiles. A chunk is some groups of 16 outputs for all tokens: the weights of a
/// tile's groups are read from memory once and stay in the second-level cache while the tokens pass by, for which a long depth is cut.
/// </summary>
internal readonly unsafe struct AssembledBFloat16Work(BFloat16Product product, BFloat16Tokens tokens, int groupsPerChunk) : IWork
{
    private const int TileGroups = 4;
    private const int ChunksPerWorker = 8;

    // Four groups by 2,048 pairs are 512 kB, half of a common second-level cache.
    private const int MostPairs = 2048;

    // Later tiles would only ask again for what is on its way; a single token reads in order as fast without.
    private const int PrefetchingTiles = 4;

    private static readonly TileKernels Kernels = new(TileGroups, BFloat16Tokens.MostWide, static (groups, tokens) => new BFloat16TileEmitter(groups, tokens).Emit);

    private readonly BFloat16Panels _weights = product.Weight;

    public static int GroupsPerChunk(int groups, int workers)
    {
        int tiles = (groups + TileGroups - 1) / TileGroups;
        return Math.Max(1, tiles / (workers * ChunksPerWorker)) * TileGroups;
    }

    public void Execute(int chunk)
    {
        int first = chunk * groupsPerChunk;
        int end = Math.Min(first + groupsPerChunk, _weights.PanelCount);
        for (int group = first; group < end; group += TileGroups)
        {
            for (int pair = 0; pair < _weights.Pairs; pair += MostPairs)
            {
                Multiply(group, Math.Min(TileGroups, end - group), pair, Math.Min(MostPairs, _weights.Pairs - pair));
            }
        }
    }

    private void Multiply(int group, int groups, int pair, int pairs)
    {
        int column = group * Panels.ColumnWidth;
        int lastColumns = Math.Min(Panels.ColumnWidth, _weights.Count - column - (groups - 1) * Panels.ColumnWidth);
        bool final = pair + pairs == _weights.Pairs;
        BFloat16TileArguments arguments = new()
        {
            Weights = _weights.Panel(group) + (long)pair * BFloat16Panels.Line,
            GroupStride = _weights.Stride,
            Pairs = pairs,
            OutputStride = (long)_weights.Count * sizeof(float),
            Bias = final && product.Bias != 0 ? (float*)product.Bias + column : null,
            Mask = (1 << lastColumns) - 1,
            Resume = pair == 0 ? 0 : 1,
        };
        for (int tile = 0; tile < tokens.Tiles; tile++)
        {
            int count = tokens.TokensOf(tile);
            arguments.Activations = (byte*)(tokens.Tile(tile) + (long)pair * count);
            arguments.Prefetch = tokens.Rows > 1 && tile < PrefetchingTiles ? 1 : 0;
            arguments.Output = (float*)product.Output + (long)tile * tokens.Width * _weights.Count + column;
            ((delegate* unmanaged<BFloat16TileArguments*, void>)Kernels.Get(groups, count))(&arguments);
        }
    }
}
