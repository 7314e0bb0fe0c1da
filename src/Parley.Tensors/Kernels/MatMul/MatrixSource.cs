namespace Parley.Tensors.Kernels;

/// <summary>A row-major matrix to be packed into panels.</summary>
/// <param name="Data">The first element, F32.</param>
/// <param name="Stride">Floats from one row to the next.</param>
/// <param name="Count">Rows or columns of the product that this operand gives.</param>
/// <param name="Depth">The length of the contraction.</param>
/// <param name="DepthIsInner">True: [count, depth], the contraction runs along a row. False: [depth, count].</param>
internal readonly record struct MatrixSource(nint Data, long Stride, int Count, int Depth, bool DepthIsInner)
{
    /// <summary>The rows of a tensor: [count, depth].</summary>
    public static unsafe MatrixSource Rows(Tensor x) => new((nint)x.Pointer, x.Shape.Last, x.Shape.Rows, x.Shape.Last, DepthIsInner: true);

    /// <summary>The columns of a tensor: [depth, count].</summary>
    public static unsafe MatrixSource Columns(Tensor x) => new((nint)x.Pointer, x.Shape.Last, x.Shape.Last, x.Shape.Rows, DepthIsInner: false);
}
