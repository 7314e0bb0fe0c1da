using Parley.Tensors.Collectives;

namespace Parley.Tensors;

/// <summary>
/// Where and how to compute: workers, kernel width, arithmetic, device, collective. Passed in, never static. One thread computes on
/// a context at a time; threads that compute side by side each own a context.
/// </summary>
public sealed class ComputeContext : IDisposable
{
    /// <param name="products">What linear maps of F32 weights round both operands to, forward and backward: F32 (not at all) or BF16.</param>
    /// <param name="threads">Threads that compute, the calling one included; null takes one per core.</param>
    public ComputeContext(
        int? threads = null,
        KernelSet kernels = KernelSet.Auto,
        ICollective? collective = null,
        Arithmetic arithmetic = Arithmetic.Exact,
        DType products = DType.F32)
    {
        Products = products is DType.F32 or DType.BF16
            ? products
            : throw new ArgumentException($"Products in {products} are not computed; give F32 or BF16.", nameof(products));
        Arithmetic = arithmetic;
        Kernels = KernelSets.Choose(kernels);
        Collective = collective ?? new SingleProcess();
        Workers = new WorkerPool(threads ?? Environment.ProcessorCount);
        Device = new CpuDevice(this);
    }

    public WorkerPool Workers { get; }

    /// <summary>The set in use; never <see cref="KernelSet.Auto"/>.</summary>
    public KernelSet Kernels { get; }

    /// <summary>The vector set behind the kernels that are written once for every width: <see cref="Kernels"/>, or 512 beside assembled ones.</summary>
    internal KernelSet Lanes => Kernels == KernelSet.Assembled ? KernelSet.Vector512 : Kernels;

    /// <summary>How products with quantised weights are computed; part of what a cached result depends on, as <see cref="Kernels"/> is.</summary>
    public Arithmetic Arithmetic { get; }

    /// <summary>
    /// F32, or BF16: linear maps whose weights are F32, and their gradients, round both operands to BF16 and sum in F32. The weights themselves stay F32.
    /// </summary>
    public DType Products { get; }

    /// <summary>Matrix products that assembled kernels have computed here, so that a check can tell whether they ran at all.</summary>
    public long AssembledProducts { get; internal set; }

    public Device Device { get; }

    public ICollective Collective { get; }

    public void Dispose()
    {
        Workers.Dispose();
        Device.Dispose();
    }
}
