using Parley.Tensors.Measurements;

namespace Parley.Tensors.Tests;

/// <summary>The measurement yields figures that hang together; how large they are is the bench's business.</summary>
public sealed class MatMulBenchTests
{
    [Fact]
    public void Figures_hang_together()
    {
        using ComputeContext context = new(2);
        MatMulFigures figures = MatMulBench.Measure(context, 64, 48, 32, rounds: 3);
        Assert.Equal((64, 48, 32, 2, context.Kernels), (figures.Rows, figures.Columns, figures.Depth, figures.Threads, figures.Kernels));
        Assert.InRange(figures.MedianGigaFlops, double.Epsilon, figures.GigaFlops);
        Assert.Equal(figures.GigaFlops / figures.PeakGigaFlops, figures.Ratio, 12);
        Assert.NotEqual(KernelSet.Auto, figures.Kernels);
    }
}
