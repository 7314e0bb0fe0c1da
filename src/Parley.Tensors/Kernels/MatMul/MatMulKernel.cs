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
    public void Multiply<TColumns>(Panels left, TColumns right, float* output, long stride, float* bias = null, bool accumulate = false)
        where TColumns : struct, IColumnPanels =>
        Multiply(new LeftOperand(left, default), right, new MatMulTarget((nint)output, stride, (nint)bias, accumulate, 0));

    /// <summary>Packs the left operand, all at once or block by block where it is multiplied, and multiplies.</summary>
    public void Multiply<TColumns>(MatrixSource left, TColumns right, float* output, long stride, float* bias = null, bool accumulate = false)
        where TColumns : struct, IColumnPanels
    {
        int panels = (left.Count + Panels.RowWidth - 1) / Panels.RowWidth;
        MatMulBlocking blocking = MatMulBlocking.For(panels, right.PanelCount, left.Depth, context.Workers.Threads, packed: false);
        LeftOperand operand = blocking.PacksRows ? new LeftOperand(new Panels(0, left.Count, left.Depth, Panels.RowWidth), left) : new LeftOperand(PackLeft(left), default);
        Multiply(operand, right, new MatMulTarget((nint)output, stride, (nint)bias, accumulate, 0));
    }

    /// <summary>As <see cref="PackRight(MatrixSource)"/>, rounded to BF16 in pairs.</summary>
    public Panels PackRightInPairs(MatrixSource source) =>
        PackRightInPairs(source, _right.Take(Panels.Floats(source.Count, PairPackWork.Pairs(source.Depth), Panels.ColumnWidth)));

    public Panels PackRightInPairs(MatrixSource source, float* target) => PackInPairs(source, target, Panels.ColumnWidth);

    /// <summary>Rounds the left operand to BF16 as it is packed, and multiplies it by columns in pairs.</summary>
    public void MultiplyInPairs(MatrixSource left, Panels right, float* output, long stride, float* bias = null, bool accumulate = false)
    {
        int panels = (left.Count + Panels.RowWidth - 1) / Panels.RowWidth, pairs = PairPackWork.Pairs(left.Depth);
        MatMulBlocking blocking = MatMulBlocking.For(panels, right.PanelCount, pairs, context.Workers.Threads, packed: false);
        bool assembled = context.Kernels == KernelSet.Assembled;
        Panels rows = blocking.PacksRows
            ? new Panels(0, left.Count, pairs, Panels.RowWidth)
            : PackInPairs(left, _left.Take(Panels.Floats(left.Count, pairs, Panels.RowWidth)), Panels.RowWidth);
        context.AssembledProducts += assembled ? 1 : 0;
        Multiply(new LeftOperand(rows, left, InPairs: true), right, new MatMulTarget((nint)output, stride, (nint)bias, accumulate, 0, assembled));
    }

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
        target = target with { Scratch = (nint)_chains.Take(blocking.ScratchFloats * workers) };
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
        where TColumns : struct, IColumnPanels =>
        context.Workers.RunPerWorker(
            new MatMulWork<TLanes, TColumns>(left, right, target, blocking),
            blocking.Chunks(left.Panels.PanelCount, right.PanelCount));
}
