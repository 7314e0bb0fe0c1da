namespace Parley.Tensors.Kernels;

/// <summary>Low-rank updates of one context: the rows of all adapters in two dispatches, whatever their number. What it needs is kept from call to call.</summary>
internal sealed unsafe class LowRankProduct(ComputeContext context, MatMulKernel matMul) : IDisposable
{
    /// <summary>Multiplications, by 16, that are worth a hand-over: some microseconds.</summary>
    private const int Grain = 8192;

    private readonly ScratchBuffer _inner = new();
    private LowRankTile[] _tiles = [];

    /// <summary>output[t] += scale * B . (A . x[t]) for the rows of each segment.</summary>
    /// <param name="rows">Each among the rows of x and of the output, which are equally many.</param>
    public void Add(Tensor x, ReadOnlyMemory<int> rows, ReadOnlySpan<LowRankSegment> segments, Tensor output)
    {
        var (depth, columns) = (x.Shape.Last, output.Shape.Last);
        var (count, rank) = Tile(segments, rows.Length, depth, columns);
        var panels = Edge.Groups(rank);
        var inner = _inner.Take((long)rows.Length * panels * 16);
        var shrink = new LowRankShrink(x.Pointer, depth, rows, _tiles, panels, inner);
        KernelDriver.Run(context, shrink, count * panels, Math.Max(1, Grain / (depth * LowRankTile.Rows)));
        var expand = new LowRankExpand(inner, panels, rows, _tiles, output.Pointer, columns);
        KernelDriver.Run(context, expand, count * LowRankExpand.Blocks(columns), Math.Max(1, Grain / (rank * LowRankExpand.Groups * LowRankTile.Rows)));
    }

    public void Dispose() => _inner.Dispose();

    private (int Count, int Rank) Tile(ReadOnlySpan<LowRankSegment> segments, int rows, int depth, int columns)
    {
        int count = 0, rank = 0;
        foreach (var (pair, first, length) in segments)
        {
            if (pair.A.Value.Shape[1] != depth || pair.B.Value.Shape[0] != columns)
            {
                throw new ArgumentException($"The update {pair.A.Value.Shape} and {pair.B.Value.Shape} does not fit a map of {depth} inputs and {columns} outputs.");
            }

            if (first < 0 || length < 0 || first > rows - length) throw new ArgumentException($"Rows {first} to {first + length} are not among the {rows} listed.");
            Panels a = PreparedWeight.Forward(pair.A, matMul), b = PreparedWeight.Forward(pair.B, matMul);
            rank = Math.Max(rank, pair.Rank);
            for (var row = 0; row < length; row += LowRankTile.Rows)
            {
                if (count == _tiles.Length) Array.Resize(ref _tiles, Math.Max(16, 2 * count));
                _tiles[count++] = new(a.Data, b.Data, pair.Rank, pair.Scale, first + row, Math.Min(LowRankTile.Rows, length - row));
            }
        }

        return (count, rank);
    }
}
