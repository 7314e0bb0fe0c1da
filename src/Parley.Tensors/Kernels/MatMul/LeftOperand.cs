namespace Parley.Tensors.Kernels;

/// <summary>The rows of a product: packed panels, or a matrix whose blocks are packed where they are multiplied.</summary>
/// <param name="Panels">The panels; without data if they are still to be packed.</param>
/// <param name="Source">What to pack; default if it is done.</param>
internal readonly unsafe record struct LeftOperand(Panels Panels, MatrixSource Source)
{
    public bool IsPacked => Panels.Data != 0;

    /// <summary>Packs some panels over a part of the depth, as <c>[panel][depth][8]</c>.</summary>
    public void Pack(int firstPanel, int panels, int start, int depth, float* target)
    {
        int first = firstPanel * Kernels.Panels.RowWidth;
        int rows = Math.Min(panels * Kernels.Panels.RowWidth, Source.Count - first);
        float* from = (float*)Source.Data + (Source.DepthIsInner ? first * Source.Stride + start : start * Source.Stride + first);
        MatrixSource block = new((nint)from, Source.Stride, rows, depth, Source.DepthIsInner);
        new PackWork(block, new Kernels.Panels((nint)target, rows, depth, Kernels.Panels.RowWidth), depth).Execute(0);
    }
}
