using Parley.Host.Measurements;
using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches;

/// <summary>
/// fp32 matrix products against what the machine's multiply-add units can do, measured in alternating rounds of the same run.
/// </summary>
internal sealed class MatMulExercise : IExercise
{
    /// <summary>Share of the measured peak that 1024^3 on two threads must reach.</summary>
    private const double Goal = 0.6;

    private static readonly (int Rows, int Columns, int Depth)[] Shapes = [(1024, 1024, 1024), (512, 1152, 384), (512, 4096, 384), (1, 1152, 384)];

    public string Name => "matmul";

    public string Description => "fp32 matrix products, GFLOP/s and share of the measured FMA peak (about 10 seconds)";

    public Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        foreach (var threads in new[] { 1, 2 })
        {
            using var context = new ComputeContext(threads);
            foreach (var (m, n, k) in Shapes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var figures = MatMulBench.Measure(context, m, n, k, options.Rounds ?? 20);
                var promised = (m, n, k, threads) == (1024, 1024, 1024, 2);
                rows.Add(new Measurement(
                    $"fp32 matmul {m} x {n} x {k}, {threads} thread{(threads > 1 ? "s" : "")}, {context.Kernels}, median",
                    "GFLOP/s",
                    figures.MedianGigaFlops,
                    Limit: figures.PeakGigaFlops,
                    Goal: promised ? Goal * figures.PeakGigaFlops : null,
                    Ok: !promised || figures.MedianGigaFlops >= Goal * figures.PeakGigaFlops));
            }
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(rows);
    }
}
