using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches.Engines;

/// <summary>What the machine can do at this moment: reading memory, and multiplying in integers and in BF16.</summary>
internal readonly record struct MachineLimits(double ReadBytesPerSecond, double Int8OperationsPerSecond, double BFloat16OperationsPerSecond)
{
    public static MachineLimits Measure(int threads)
    {
        using var context = new ComputeContext(threads);
        var fma = FmaPeak.Measure(context) * 1e9;
        return new MachineLimits(40e9, 4 * fma, 2 * fma);
    }
}
