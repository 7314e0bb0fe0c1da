namespace Parley.Tensors.Kernels;

/// <summary>
/// Products of a BF16 weight with activations rounded to BF16, summed in F32. With assembled kernels by <c>vdpbf16ps</c>, else by fused
/// multiply-adds of decoded panels in the same order: the vector sets agree to the bit, and with the assembled one wherever no number
/// is denormal, which the instruction takes for zero.
/// </summary>
internal sealed unsafe class BFloat16MatMul(ComputeContext context, MatMulKernel kernel) : IDisposable
{
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
            Assembled(x, rows, products);
            return;
        }

        (int inputs, int depth) = (products[0].Weight.Inputs, products[0].Weight.Depth);
        float* rounded = _tokens.Take((long)rows * depth);
        context.Workers.Run(new RoundRows((nint)x, inputs, (nint)rounded, depth), rows);
        Panels left = kernel.PackLeft(new MatrixSource((nint)rounded, depth, rows, depth, DepthIsInner: true));
        foreach (BFloat16Product product in products)
        {
            kernel.Multiply(left, product.Weight, (float*)product.Output, product.Weight.Count, (float*)product.Bias);
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

    private readonly struct RoundRows(nint source, int inputs, nint target, int depth) : IWork
    {
        public void Execute(int chunk) => BFloat16Rounding.Swap((float*)source + (long)chunk * inputs, inputs, (float*)target + (long)chunk * depth);
    }
}
