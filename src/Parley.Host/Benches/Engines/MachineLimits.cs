using Parley.Tensors;
using Parley.Tensors.Measurements;

namespace Parley.Host.Benches.Engines;

/// <summary>What the machine can do at this moment, on so many threads: reading memory, and multiplying in integers and in BF16.</summary>
/// <param name="Integers">int8 operations a second, a multiply-add counted as two.</param>
/// <param name="BFloat16">The same in BF16.</param>
internal readonly record struct MachineLimits(double ReadBytes, double Integers, double BFloat16);

/// <summary>Measures <see cref="MachineLimits"/> again and again; keeps the memory that it reads.</summary>
internal sealed class MachineMeter(int threads) : IDisposable
{
    private const int Repetitions = 3;

    private readonly ComputeContext _context = new(threads);
    private readonly ReadBandwidth _bandwidth = new();

    /// <summary>The best of a few repetitions: a limit is what can be reached.</summary>
    public MachineLimits Measure() => new(
        Best(() => _bandwidth.Measure(_context)),
        Best(() => HasUnits ? AssembledPeak.Int8(_context) : 4 * FmaPeak.Measure(_context)),
        Best(() => HasUnits ? AssembledPeak.BFloat16(_context) : FmaPeak.Measure(_context)));

    public void Dispose()
    {
        _bandwidth.Dispose();
        _context.Dispose();
    }

    // Without the units of AVX512-VNNI a 256-bit integer product does four times the work of an fp32 one.
    private static bool HasUnits => KernelSets.InHardware(KernelSet.Assembled);

    private static double Best(Func<double> gigas) => 1e9 * Enumerable.Range(0, Repetitions).Max(_ => gigas());
}
