namespace Parley.Tensors.Kernels;

/// <summary>
/// Integer products of one context: rounds the input once for each kind of weight, then multiplies all weights in one dispatch. Knows pointers
/// and extents; shapes are checked by <see cref="CpuDevice"/>. After the largest product was seen once it allocates nothing.
/// </summary>
internal sealed unsafe class QuantizedKernel(ComputeContext context) : IDisposable
{
    public const int MostProducts = 3;

    /// <summary>Numbers that are rounded sooner by one thread than shared out.</summary>
    private const int WorthSharing = 1 << 14;

    private readonly ScratchBuffer[] _panels = [new(), new(), new()];
    private readonly R16Kernels _kernels = R16Kernels.For(context.Kernels);

    /// <summary>Multiplies one to three weights of the same depth by x[tokens, depth]; their inputs are filled in here.</summary>
    public void Multiply(float* x, int tokens, Span<QuantizedProduct> products)
    {
        if (tokens == 0)
        {
            return;
        }

        for (int i = 0; i < products.Length; i++)
        {
            products[i] = products[i] with { Input = Find(products[..i], products[i].Weight) ?? Round(x, tokens, products[i].Weight, _panels[i]) };
        }

        foreach (QuantizedProduct product in products)
        {
            context.AssembledProducts += _kernels.IsAssembled(product.Weight.Format) ? 1 : 0;
        }

        QuantizedWork work = new(_kernels, products, context.Workers.Threads);
        context.Workers.RunPerWorker(work, work.Chunks);
    }

    public void Dispose()
    {
        foreach (ScratchBuffer panels in _panels)
        {
            panels.Dispose();
        }
    }

    private static ActivationPanels? Find(ReadOnlySpan<QuantizedProduct> products, R16Matrix weight)
    {
        foreach (QuantizedProduct product in products)
        {
            if (product.Weight.Format == weight.Format && product.Weight.Parts == weight.Parts)
            {
                return product.Input;
            }
        }

        return null;
    }

    private ActivationPanels Round(float* x, int tokens, R16Matrix weight, ScratchBuffer target)
    {
        ActivationPanels panels = new(0, weight.Format, tokens, weight.Depth, _kernels.PanelCount(weight.Format, tokens, weight.Parts), weight.Parts);
        panels = panels with { Data = (nint)target.Take((panels.ByteCount + sizeof(float) - 1) / sizeof(float)) };
        bool scalar = context.Kernels == KernelSet.Reference;
        int perChunk = (long)tokens * weight.Depth <= WorthSharing ? panels.PanelCount : 1;
        context.Workers.Run(new QuantizeWork(x, panels, perChunk, scalar), (panels.PanelCount + perChunk - 1) / perChunk);
        return panels;
    }
}
