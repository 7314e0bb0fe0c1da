namespace Parley.Tensors.Kernels;

/// <summary>The rows of a product: packed panels, or a matrix whose blocks are packed where they are multiplied.</summary>
/// <param name="Panels">The panels; without data if they are still to be packed.</param>
/// <param name="Source">What to pack; default if it is done.</param>
/// <param name="InPairs">Whether the panels, and the columns', hold pairs of BF16: their depth then counts pairs.</param>
internal readonly unsafe record struct LeftOperand(Panels Panels, MatrixSource Source, bool InPairs = false)
{
    public bool IsPacked => Panels.Data != 0;

    /// <summary>Whether whole panels can be read from the matrix: its rows hold the depth side by side.</summary>
    public bool IsReadInPlace => !IsPacked && !InPairs && Source.DepthIsInner;

    /// <summary>Where a panel's rows begin in the matrix.</summary>
    public float* InPlace(int panel, int start) => (float*)Source.Data + (long)panel * Kernels.Panels.RowWidth * Source.Stride + start;

    /// <summary>Packs some panels over a part of the depth, as <c>[panel][depth][8]</c>.</summary>
    public void Pack(int firstPanel, int panels, int start, int depth, float* target)
    {
        int first = firstPanel * Kernels.Panels.RowWidth;
        int rows = Math.Min(panels * Kernels.Panels.RowWidth, Source.Count - first);
        (int begin, int steps) = InPairs ? (2 * start, Math.Min(2 * depth, Source.Depth - 2 * start)) : (start, depth);
        float* from = (float*)Source.Data + (Source.DepthIsInner ? first * Source.Stride + begin : begin * Source.Stride + first);
        MatrixSource block = new((nint)from, Source.Stride, rows, steps, Source.DepthIsInner);
        Kernels.Panels packed = new((nint)target, rows, depth, Kernels.Panels.RowWidth);
        if (InPairs)
        {
            new PairPackWork(block, packed, depth).Execute(0);
        }
        else
        {
            new PackWork(block, packed, depth).Execute(0);
        }
    }
}
