namespace Parley.Tensors.Kernels;

/// <summary>output = or += left . right, of rows that are still where the operation before left them.</summary>
/// <param name="Left">The rows, F32.</param>
/// <param name="Right">Packed columns.</param>
/// <param name="Output">The first element, F32; rows are <paramref name="Stride"/> floats apart.</param>
/// <param name="Bias">One float per column added to the finished chain, or 0.</param>
/// <param name="Accumulate">Whether chains begin with what is there.</param>
/// <param name="InPairs">Whether the columns are pairs of BF16, to which the rows are rounded.</param>
internal readonly record struct MatrixProduct(
    MatrixSource Left, Panels Right, nint Output, long Stride, nint Bias = 0, bool Accumulate = false, bool InPairs = false)
{
    public int Depth => InPairs ? PairPackWork.Pairs(Left.Depth) : Left.Depth;

    /// <summary>The rows as panels that are still to be packed.</summary>
    public Panels Rows => new(0, Left.Count, Depth, Panels.RowWidth);

    public MatMulBlocking Blocking(int workers) => MatMulBlocking.For(Rows.PanelCount, Right.PanelCount, Depth, workers, packed: false);
}
