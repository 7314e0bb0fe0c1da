using System.Diagnostics;

namespace Parley.Tensors.Measurements;

/// <summary>
/// The most that matrix products of a context can reach on this machine at this moment: the peak of the units that compute them, measured, on the
/// context's threads. What training is compared with.
/// </summary>
public static class ProductPeak
{
    /// <summary>The first rounds find workers that were asleep, so a few are needed.</summary>
    private const int LeastRounds = 3, MostRounds = 20;

    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(120);

    /// <summary>
    /// GFLOP/s, a multiply-add counted as two: of BF16 units where the context multiplies on them, of fp32 ones otherwise. Takes about 0.1 s.
    /// </summary>
    public static double Measure(ComputeContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var best = 0.0;
        for (var round = 0; round < LeastRounds || (round < MostRounds && Stopwatch.GetElapsedTime(started) < Enough); round++)
        {
            best = Math.Max(best, HasUnits(context) ? AssembledPeak.BFloat16(context) : FmaPeak.Measure(context));
        }

        return best;
    }

    /// <summary>What <see cref="Measure"/> measures: "bf16" or "fp32".</summary>
    public static string Units(ComputeContext context) => HasUnits(context) ? "bf16" : "fp32";

    private static bool HasUnits(ComputeContext context) => context is { Products: DType.BF16, Kernels: KernelSet.Assembled };
}
