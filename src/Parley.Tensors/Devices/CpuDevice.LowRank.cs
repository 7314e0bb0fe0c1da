using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <content>Low-rank updates: the rows of all adapters in two dispatches, whatever their number.</content>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Multiplications, by 16, that are worth a hand-over: some microseconds.</summary>
    private const int LowRankGrain = 8192;

    private readonly ScratchBuffer _inner = new();
    private LowRankTile[] _tiles = [];

    public override void LowRank(Tensor x, ReadOnlyMemory<int> rows, ReadOnlySpan<LowRankSegment> segments, Tensor output)
    {
        var (depth, columns) = (x.Shape.Last, output.Shape.Last);
        Require(x.Shape.Rows == output.Shape.Rows, "The update's output does not fit its input:", output, x);
        RequireIndices(rows.Span, x.Shape.Rows, "Row", "rows of the batch");
        var (count, rank) = Tile(segments, rows.Length, depth, columns);
        var panels = Edge.Groups(rank);
        var inner = _inner.Take((long)rows.Length * panels * 16);
        var shrink = new LowRankShrink(x.Pointer, depth, rows, _tiles, panels, inner);
        KernelDriver.Run(_context, shrink, count * panels, Math.Max(1, LowRankGrain / (depth * LowRankTile.Rows)));
        var expand = new LowRankExpand(inner, panels, rows, _tiles, output.Pointer, columns);
        KernelDriver.Run(
            _context, expand, count * LowRankExpand.Blocks(columns), Math.Max(1, LowRankGrain / (rank * LowRankExpand.Groups * LowRankTile.Rows)));
    }

    private (int Count, int Rank) Tile(ReadOnlySpan<LowRankSegment> segments, int rows, int depth, int columns)
    {
        int count = 0, rank = 0;
        foreach (var (pair, first, length) in segments)
        {
            Require(pair.A.Value.Shape[1] == depth && pair.B.Value.Shape[0] == columns, "The update does not fit the map:", pair.A.Value, pair.B.Value);
            if (first < 0 || length < 0 || first > rows - length) throw new ArgumentException($"Rows {first} to {first + length} are not among the {rows} listed.");
            Panels a = PreparedWeight.Forward(pair.A, _matMul), b = PreparedWeight.Forward(pair.B, _matMul);
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
