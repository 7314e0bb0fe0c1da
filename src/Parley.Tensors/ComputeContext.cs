using System.Runtime.Intrinsics;
using Parley.Tensors.Collectives;

namespace Parley.Tensors;

/// <summary>
/// Where and how to compute: workers, kernel width, device, collective. Passed in, never static. One thread computes on
/// a context at a time; threads that compute side by side each own a context.
/// </summary>
public sealed class ComputeContext : IDisposable
{
    /// <param name="threads">Threads that compute, the calling one included; null takes one per core.</param>
    public ComputeContext(int? threads = null, KernelSet kernels = KernelSet.Auto, ICollective? collective = null)
    {
        Kernels = kernels == KernelSet.Auto ? Widest() : kernels;
        Collective = collective ?? new SingleProcess();
        Workers = new WorkerPool(threads ?? Environment.ProcessorCount);
        Device = new CpuDevice(this);
    }

    public WorkerPool Workers { get; }

    /// <summary>The set in use; never <see cref="KernelSet.Auto"/>.</summary>
    public KernelSet Kernels { get; }

    public Device Device { get; }

    public ICollective Collective { get; }

    public void Dispose()
    {
        Workers.Dispose();
        Device.Dispose();
    }

    private static KernelSet Widest() =>
        Vector512.IsHardwareAccelerated ? KernelSet.Vector512
        : Vector256.IsHardwareAccelerated ? KernelSet.Vector256
        : KernelSet.Vector128;
}
