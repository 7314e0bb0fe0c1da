using System.Diagnostics;

namespace Parley.Tensors.Measurements;

/// <summary>
/// Times fp32 matrix products, the packing of both operands included, in rounds that alternate with <see cref="FmaPeak"/>, so
/// that both see the same machine. Gives plain figures; the table is drawn elsewhere.
/// </summary>
public static class MatMulBench
{
    /// <param name="rounds">Rounds of product and peak; the first of each only warms up and is not counted.</param>
    public static MatMulFigures Measure(ComputeContext context, int rows, int columns, int depth, int rounds = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        using Tensor a = Tensor.Allocate(new Shape(rows, depth));
        using Tensor b = Tensor.Allocate(new Shape(columns, depth));
        using Tensor output = Tensor.Allocate(new Shape(rows, columns));
        Philox.FillNormal(a, 1, 0, 1);
        Philox.FillNormal(b, 1, 1, 1);
        double[] products = new double[rounds];
        double peak = 0;
        for (int round = -1; round < rounds; round++)
        {
            double roundPeak = FmaPeak.Measure(context);
            long start = Stopwatch.GetTimestamp();
            context.Device.MatMul(a, b, output);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (round >= 0)
            {
                products[round] = 2.0 * rows * columns * depth / seconds / 1e9;
                peak = Math.Max(peak, roundPeak);
            }
        }

        Array.Sort(products);
        return new MatMulFigures(
            rows, columns, depth, context.Workers.Threads, context.Kernels, products[^1], products[rounds / 2], peak);
    }
}
