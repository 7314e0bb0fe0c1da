namespace Parley.Tensors.Kernels;

/// <summary>
/// Products of a BF16 weight with activations rounded to BF16, summed in F32. With assembled kernels by <c>vdpbf16ps</c>, else by fused
/// multiply-adds of decoded panels in the same order: the vector sets agree to the bit, and with the assembled one wherever no number
/// is denormal, which the instruction takes for zero.
/// </summary>
internal sealed unsafe class BFloat16MatMul(ComputeContext context, MatMulKernel kernel) : IDisposable
{
    private readonly ScratchBuffer _tokens = new();

    /// <summary>Fills <paramref name="panels"/> from the stored rows [N, K].</summary>
    public void Repack(nint rows, BFloat16Panels panels) => context.Workers.Run(new BFloat16Repack(rows, panels), panels.PanelCount);

    /// <summary>output[rows, N] = x[rows, K] . weights^T (+ bias).</summary>
    public void Multiply(float* x, int rows, BFloat16Panels weights, float* output, long stride, float* bias)
    {
        if (rows == 0 || weights.Count == 0)
        {
            return;
        }

        if (context.Kernels == KernelSet.Assembled)
        {
            Assembled(x, rows, weights, new MatMulTarget((nint)output, stride, (nint)bias, Accumulate: false, Scratch: 0));
            return;
        }

        float* rounded = _tokens.Take((long)rows * weights.Depth);
        context.Workers.Run(new RoundRows((nint)x, weights.Inputs, (nint)rounded, weights.Depth), rows);
        Panels left = kernel.PackLeft(new MatrixSource((nint)rounded, weights.Depth, rows, weights.Depth, DepthIsInner: true));
        kernel.Multiply(left, weights, output, stride, bias);
    }

    public void Dispose() => _tokens.Dispose();

    private void Assembled(float* x, int rows, BFloat16Panels weights, MatMulTarget target)
    {
        BFloat16Tokens tokens = BFloat16Tokens.Cut(rows, weights.Pairs);
        tokens = tokens with { Data = (nint)_tokens.Take((long)rows * weights.Pairs) };
        context.Workers.Run(new BFloat16PackWork((nint)x, weights.Inputs, tokens), tokens.Tiles);
        int groups = AssembledBFloat16Work.GroupsPerChunk(weights.PanelCount, context.Workers.Threads);
        context.Workers.Run(new AssembledBFloat16Work(weights, tokens, target, groups), (weights.PanelCount + groups - 1) / groups);
    }

    private readonly struct RoundRows(nint source, int inputs, nint target, int depth) : IWork
    {
        public void Execute(int chunk) => BFloat16Rounding.Swap((float*)source + (long)chunk * inputs, inputs, (float*)target + (long)chunk * depth);
    }
}
