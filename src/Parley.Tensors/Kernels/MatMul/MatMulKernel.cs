namespace Parley.Tensors.Kernels;

/// <summary>
/// Matrix products of one context: packs what is not packed yet into scratch that is kept, then multiplies. Knows pointers and
/// extents; shapes are checked by <see cref="CpuDevice"/>. After the largest product was seen once it allocates nothing.
/// </summary>
internal sealed unsafe class MatMulKernel(ComputeContext context) : IDisposable
{
    private readonly ScratchBuffer _left = new();
    private readonly ScratchBuffer _right = new();
    private readonly ScratchBuffer _chains = new();

    /// <summary>Packs the left operand (rows of the product); valid until the next call.</summary>
    public Panels PackLeft(MatrixSource source)
    {
        if (source.Count == 1 && source.DepthIsInner)
        {
            return new Panels(source.Data, 1, source.Depth, 1); // one row is its own panel
        }

        return Pack(source, _left.Take(Panels.Floats(source.Count, source.Depth, Panels.RowWidth)), Panels.RowWidth);
    }

    /// <summary>Packs the right operand (columns of the product) into scratch; valid until the next call.</summary>
    public Panels PackRight(MatrixSource source) =>
        PackRight(source, _right.Take(Panels.Floats(source.Count, source.Depth, Panels.ColumnWidth)));

    /// <summary>Packs the right operand into memory of the caller's.</summary>
    public Panels PackRight(MatrixSource source, float* target) => Pack(source, target, Panels.ColumnWidth);

    /// <summary>Multiplies rows that are packed already.</summary>
    public void Multiply<TColumns>(Panels left, TColumns right, float* output, long stride, float* bias = null)
        where TColumns : struct, IColumnPanels =>
        Multiply(new LeftOperand(left, default), right, new MatMulTarget((nint)output, stride, (nint)bias, Accumulate: false));

    /// <summary>Packs the left operand, all at once or block by block where it is multiplied, and multiplies.</summary>
    public void Multiply(in MatrixProduct product)
    {
        bool cut = product.Blocking(context.Workers.Threads).PacksRows;
        LeftOperand left = cut ? Unpacked(product) : new LeftOperand(product.InPairs ? PackLeftInPairs(product.Left) : PackLeft(product.Left), default, product.InPairs);
        Multiply(left, product.Right, Target(product));
    }

    /// <summary>A product's work for a dispatch of several, where chunks take their rows themselves.</summary>
    /// <param name="product">The product, cut so.</param>
    /// <param name="scratch">Room that all workers have in every product of the dispatch.</param>
    /// <param name="scratchFloats">Floats of it for each worker, enough for any of the products.</param>
    public MatMulWork<TLanes, Panels> Work<TLanes>(in MatrixProduct product, nint scratch, long scratchFloats)
        where TLanes : struct, ILanes<TLanes> =>
        new(Unpacked(product), product.Right, Target(product) with { Scratch = scratch, ScratchFloats = scratchFloats }, product.Blocking(context.Workers.Threads));

    /// <summary>As <see cref="PackRight(MatrixSource)"/>, rounded to BF16 in pairs.</summary>
    public Panels PackRightInPairs(MatrixSource source) =>
        PackRightInPairs(source, _right.Take(Panels.Floats(source.Count, PairPackWork.Pairs(source.Depth), Panels.ColumnWidth)));

    public Panels PackRightInPairs(MatrixSource source, float* target) => PackInPairs(source, target, Panels.ColumnWidth);

    private static LeftOperand Unpacked(in MatrixProduct product) => new(product.Rows, product.Left, product.InPairs);

    private MatMulTarget Target(in MatrixProduct product)
    {
        bool assembled = product.InPairs && context.Kernels == KernelSet.Assembled;
        context.AssembledProducts += assembled ? 1 : 0;
        return new MatMulTarget(product.Output, product.Stride, product.Bias, product.Accumulate, Assembled: assembled);
    }

    private Panels PackLeftInPairs(MatrixSource source) =>
        PackInPairs(source, _left.Take(Panels.Floats(source.Count, PairPackWork.Pairs(source.Depth), Panels.RowWidth)), Panels.RowWidth);

    private Panels PackInPairs(MatrixSource source, float* target, int width)
    {
        Panels panels = new((nint)target, source.Count, PairPackWork.Pairs(source.Depth), width);
        int pairsPerChunk = Math.Max(1, PackWork.DepthPerChunk(source) / 2);
        context.Workers.Run(new PairPackWork(source, panels, pairsPerChunk), (panels.Depth + pairsPerChunk - 1) / pairsPerChunk);
        return panels;
    }

    private void Multiply<TColumns>(LeftOperand left, TColumns right, MatMulTarget target)
        where TColumns : struct, IColumnPanels
    {
        if (left.Panels.Count == 0 || right.Count == 0)
        {
            return;
        }

        int workers = context.Workers.Threads;
        MatMulBlocking blocking = MatMulBlocking.For(left.Panels.PanelCount, right.PanelCount, left.Panels.Depth, workers, left.IsPacked);
        target = target with { Scratch = (nint)_chains.Take(blocking.ScratchFloats * workers), ScratchFloats = blocking.ScratchFloats };
        switch (context.Lanes)
        {
            case KernelSet.Vector512: Run<Lanes512, TColumns>(left, right, target, blocking); break;
            case KernelSet.Vector256: Run<Lanes256, TColumns>(left, right, target, blocking); break;
            case KernelSet.Vector128: Run<Lanes128, TColumns>(left, right, target, blocking); break;
            default: Run<LanesScalar, TColumns>(left, right, target, blocking); break;
        }
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _chains.Dispose();
    }

    private Panels Pack(MatrixSource source, float* target, int width)
    {
        Panels panels = new((nint)target, source.Count, source.Depth, width);
        int depthPerChunk = PackWork.DepthPerChunk(source);
        context.Workers.Run(new PackWork(source, panels, depthPerChunk), (source.Depth + depthPerChunk - 1) / depthPerChunk);
        return panels;
    }

    private void Run<TLanes, TColumns>(LeftOperand left, TColumns right, MatMulTarget target, MatMulBlocking blocking)
        where TLanes : struct, ILanes<TLanes>
        where TColumns : struct, IColumnPanels
    {
        MatMulWork<TLanes, TColumns> work = new(left, right, target, blocking);
        context.Workers.RunPerWorker(work, work.Chunks);
    }
}
