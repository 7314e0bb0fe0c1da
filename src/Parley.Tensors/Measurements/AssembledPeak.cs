using System.Diagnostics;
using Parley.Tensors.Kernels;

namespace Parley.Tensors.Measurements;

/// <summary>
/// What the multiply-add units behind assembled kernels give at most, on every worker of a context: loops that touch no memory. The
/// yardsticks of quantised and BF16 products, as <see cref="FmaPeak"/> is of fp32 ones.
/// </summary>
public static unsafe class AssembledPeak
{
    private const int Rounds = 20_000;
    private const int ChunksPerWorker = 16;

    private static readonly Lazy<ExecutablePages> Integers = new(() => KernelAssembler.Assemble(PeakLoop.Integers));
    private static readonly Lazy<ExecutablePages> BFloats = new(() => KernelAssembler.Assemble(PeakLoop.BFloat16));

    /// <summary><c>vpdpbusd</c>: GOP/s, a multiply-add of int8 counted as two. One round of a few milliseconds.</summary>
    /// <exception cref="PlatformNotSupportedException">There are no assembled kernels here.</exception>
    public static double Int8(ComputeContext context) => Measure(context, Integers, multiplyAdds: 64);

    /// <summary><c>vdpbf16ps</c>: GFLOP/s, a multiply-add of BF16 counted as two. One round of a few milliseconds.</summary>
    /// <exception cref="PlatformNotSupportedException">There are no assembled kernels here.</exception>
    public static double BFloat16(ComputeContext context) => Measure(context, BFloats, multiplyAdds: 32);

    private static double Measure(ComputeContext context, Lazy<ExecutablePages> loop, int multiplyAdds)
    {
        KernelSets.Choose(KernelSet.Assembled);
        Work work = new(loop.Value.Address);
        int chunks = context.Workers.Threads * ChunksPerWorker;
        long start = Stopwatch.GetTimestamp();
        context.Workers.Run(work, chunks);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return 2.0 * multiplyAdds * PeakLoop.Chains * Rounds * chunks / seconds / 1e9;
    }

    private readonly struct Work(nint entry) : IWork
    {
        public void Execute(int chunk) => ((delegate* unmanaged<long, void>)entry)(Rounds);
    }
}
