namespace Parley.Tensors.Measurements;

/// <summary>What <see cref="MatMulBench"/> measured.</summary>
/// <param name="GigaFlops">The best round of the matrix product.</param>
/// <param name="MedianGigaFlops">The median round; far below the best, the machine was busy with something else.</param>
/// <param name="PeakGigaFlops">The best round of <see cref="FmaPeak"/>.</param>
public sealed record MatMulFigures(
    int Rows, int Columns, int Depth, int Threads, KernelSet Kernels, double GigaFlops, double MedianGigaFlops, double PeakGigaFlops)
{
    /// <summary>Best against best; neither can be flattered by other load.</summary>
    public double Ratio => GigaFlops / PeakGigaFlops;
}
