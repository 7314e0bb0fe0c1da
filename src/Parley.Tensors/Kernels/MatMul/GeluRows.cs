namespace Parley.Tensors.Kernels;

/// <summary>
/// What happens to rows of a product as soon as they are done, while they are near: GELU of them goes elsewhere, or they are a gradient that goes on through GELU,
/// in place. The same bits as <see cref="GeluForward"/> and <see cref="GeluGradient"/>.
/// </summary>
/// <param name="Input">GELU's input: the product's output, or what was kept of it.</param>
/// <param name="Output">GELU's output, or the product's: a gradient to be multiplied by the slope.</param>
/// <param name="Columns">Floats of a row; none for nothing to do.</param>
/// <param name="IsGradient">Which of the two.</param>
internal readonly unsafe record struct GeluRows(nint Input, nint Output, int Columns, bool IsGradient)
{
    private const int Grain = 1024;

    public void Execute<TLanes>(int firstRow, int rows)
        where TLanes : struct, ILanes<TLanes>
    {
        if (Columns == 0)
        {
            return;
        }

        int groups = Edge.Groups((long)rows * Columns);
        if (IsGradient)
        {
            Gradient(firstRow, rows).Execute<TLanes>(0, groups);
        }
        else
        {
            Forward(firstRow, rows).Execute<TLanes>(0, groups);
        }
    }

    /// <summary>All rows in a dispatch of their own.</summary>
    public void Run(ComputeContext context, int rows)
    {
        int groups = Edge.Groups((long)rows * Columns);
        if (IsGradient)
        {
            KernelDriver.Run(context, Gradient(0, rows), groups, Grain);
        }
        else
        {
            KernelDriver.Run(context, Forward(0, rows), groups, Grain);
        }
    }

    private GeluForward Forward(int firstRow, int rows)
    {
        long offset = (long)firstRow * Columns;
        return new GeluForward((float*)Input + offset, null, (float*)Output + offset, (long)rows * Columns);
    }

    private GeluGradient Gradient(int firstRow, int rows)
    {
        float* gradient = (float*)Output + (long)firstRow * Columns;
        return new GeluGradient(gradient, (float*)Input + (long)firstRow * Columns, null, (long)rows * Columns, default) { GateGradient = gradient, UpGradient = null };
    }
}
