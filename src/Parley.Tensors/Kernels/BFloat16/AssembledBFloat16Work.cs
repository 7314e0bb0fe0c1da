namespace Parley.Tensors.Kernels;

/// <summary>
/// output[T, N] = tokens . weights (+ bias) with assembled tiles. A chunk is some groups of 16 outputs for all tokens: the weights of a
/// tile's groups are read from memory once and stay in the second-level cache while the tokens pass by, for which a long depth is cut.
/// </summary>
internal readonly unsafe struct AssembledBFloat16Work(BFloat16Panels weights, BFloat16Tokens tokens, MatMulTarget target, int groupsPerChunk) : IWork
{
    private const int TileGroups = 4;
    private const int ChunksPerWorker = 8;

    // Four groups by 2,048 pairs are 512 kB, half of a common second-level cache.
    private const int MostPairs = 2048;

    private static readonly TileKernels Kernels = new(TileGroups, BFloat16Tokens.MostWide, static (groups, tokens) => new BFloat16TileEmitter(groups, tokens).Emit);

    public static int GroupsPerChunk(int groups, int workers)
    {
        int tiles = (groups + TileGroups - 1) / TileGroups;
        return Math.Max(1, tiles / (workers * ChunksPerWorker)) * TileGroups;
    }

    public void Execute(int chunk)
    {
        int first = chunk * groupsPerChunk;
        int end = Math.Min(first + groupsPerChunk, weights.PanelCount);
        for (int group = first; group < end; group += TileGroups)
        {
            for (int pair = 0; pair < weights.Pairs; pair += MostPairs)
            {
                Multiply(group, Math.Min(TileGroups, end - group), pair, Math.Min(MostPairs, weights.Pairs - pair));
            }
        }
    }

    private void Multiply(int group, int groups, int pair, int pairs)
    {
        int column = group * Panels.ColumnWidth;
        int lastColumns = Math.Min(Panels.ColumnWidth, weights.Count - column - (groups - 1) * Panels.ColumnWidth);
        bool final = pair + pairs == weights.Pairs;
        BFloat16TileArguments arguments = new()
        {
            Weights = weights.Panel(group) + (long)pair * BFloat16Panels.Line,
            GroupStride = weights.Stride,
            Pairs = pairs,
            OutputStride = target.Stride * sizeof(float),
            Bias = final && target.Bias != 0 ? (float*)target.Bias + column : null,
            Mask = (1 << lastColumns) - 1,
            Resume = pair == 0 ? 0 : 1,
        };
        for (int tile = 0; tile < tokens.Tiles; tile++)
        {
            int count = tokens.TokensOf(tile);
            arguments.Activations = (byte*)(tokens.Tile(tile) + (long)pair * count);
            arguments.Output = (float*)target.Data + (long)tile * tokens.Width * target.Stride + column;
            ((delegate* unmanaged<BFloat16TileArguments*, void>)Kernels.Get(groups, count))(&arguments);
        }
    }
}
