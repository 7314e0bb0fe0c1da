namespace Parley.Tensors.Kernels;

/// <summary>
/// Products of a BF16 weight with activations rounded to BF16, summed in F32. With assembled kernels by <c>vdpbf16ps</c>, else by fused
/// multiply-adds of decoded panels in the same order: the vector sets agree to the bit, and with the assembled one wherever no number
/// is denormal, which the instruction takes for zero.
/// </summary>
internal sealed unsafe class BFloat16MatMul(ComputeContext context, MatMulKernel kernel) : IDisposable
{
    /// <summary>Up to here panels are multiplied as they are; beyond, decoded once for many rows, or by tiles of 16 where registers suffice.</summary>
    private int MostFewRows => HasWideTiles ? 4 : 8;

    private bool HasWideTiles => context.Lanes == KernelSet.Vector512;

    // A tile of few rows reads whole tiles; what it computes from beyond the last row nobody reads.
    private const int RowRoom = 3;

    private readonly ScratchBuffer _tokens = new();

    /// <summary>Multiplies weights of the same depth by x[rows, K], which is rounded once.</summary>
    public void Multiply(float* x, int rows, ReadOnlySpan<BFloat16Product> products)
    {
        if (rows == 0)
        {
            return;
        }

        if (context.Kernels == KernelSet.Assembled)
        {
            context.AssembledProducts += products.Length;
            Assembled(x, rows, products);
            return;
        }

        (int inputs, int depth) = (products[0].Weight.Inputs, products[0].Weight.Depth);
        float* rounded = _tokens.Take((long)(rows + RowRoom) * depth);
        context.Workers.Run(new RoundRows((nint)x, inputs, (nint)rounded, depth), rows);
        Panels left = rows > MostFewRows ? kernel.PackLeft(new MatrixSource((nint)rounded, depth, rows, depth, DepthIsInner: true)) : default;
        foreach (BFloat16Product product in products)
        {
            if (rows <= MostFewRows)
            {
                FewRows(product, (nint)rounded, rows);
            }
            else if (HasWideTiles)
            {
                SixteenRows(product, left);
            }
            else
            {
                kernel.Multiply(left, product.Weight, (float*)product.Output, product.Weight.Count, (float*)product.Bias);
            }
        }
    }

    public void Dispose() => _tokens.Dispose();

    private void Assembled(float* x, int rows, ReadOnlySpan<BFloat16Product> products)
    {
        (int inputs, int pairs) = (products[0].Weight.Inputs, products[0].Weight.Pairs);
        BFloat16Tokens tokens = BFloat16Tokens.Cut(rows, pairs);
        tokens = tokens with { Data = (nint)_tokens.Take((long)rows * pairs) };
        context.Workers.Run(new BFloat16PackWork((nint)x, inputs, tokens), tokens.Tiles);
        foreach (BFloat16Product product in products)
        {
            int panels = product.Weight.PanelCount;
            int groups = AssembledBFloat16Work.GroupsPerChunk(panels, context.Workers.Threads);
            context.Workers.Run(new AssembledBFloat16Work(product, tokens, groups), (panels + groups - 1) / groups);
        }
    }

    private void FewRows(BFloat16Product product, nint rounded, int rows)
    {
        switch (context.Lanes)
        {
            case KernelSet.Vector512: FewRows<Lanes512>(product, rounded, rows); break;
            case KernelSet.Vector256: FewRows<Lanes256>(product, rounded, rows); break;
            case KernelSet.Vector128: FewRows<Lanes128>(product, rounded, rows); break;
            default: FewRows<LanesScalar>(product, rounded, rows); break;
        }
    }

    private void FewRows<TLanes>(BFloat16Product product, nint rounded, int rows)
        where TLanes : struct, ILanes<TLanes>
    {
        int panels = product.Weight.PanelCount;
        int groups = AssembledBFloat16Work.GroupsPerChunk(panels, context.Workers.Threads);
        context.Workers.Run(new FewRowsBFloat16Work<TLanes>(product, rounded, rows, groups), (panels + groups - 1) / groups);
    }

    private void SixteenRows(BFloat16Product product, Panels left)
    {
        int panels = product.Weight.PanelCount;
        int groups = AssembledBFloat16Work.GroupsPerChunk(panels, context.Workers.Threads);
        context.Workers.Run(new SixteenRowsBFloat16Work<Lanes512>(product, left, groups), (panels + groups - 1) / groups);
    }

    private readonly struct RoundRows(nint source, int inputs, nint target, int depth) : IWork
    {
        public void Execute(int chunk) => BFloat16Rounding.Swap((float*)source + (long)chunk * inputs, inputs, (float*)target + (long)chunk * depth);
    }
}
