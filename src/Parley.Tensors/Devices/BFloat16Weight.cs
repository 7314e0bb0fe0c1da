using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>The layout of one BF16 weight for products with BF16 activations, repacked once for all kernel sets and contexts.</summary>
internal sealed unsafe class BFloat16Weight : IDisposable
{
    /// <summary>Bytes of layout in a chunk of repacking.</summary>
    private const long ChunkBytes = 1 << 20;

    private readonly Storage _storage;
    private readonly long _offset;

    private BFloat16Weight(Storage storage, long offset) => (_storage, _offset) = (storage, offset);

    public BFloat16Panels Panels { get; private set; }

    /// <summary>The version of the parameter that this was made from.</summary>
    public int Version { get; private set; }

    /// <summary>The layout that a stored weight would have, without memory; null when it is not BF16.</summary>
    public static BFloat16Panels? Plan(Tensor value) =>
        value is { DType: DType.BF16, Shape: { Rank: 2, Count: > 0 } shape } ? new BFloat16Panels(0, shape[0], shape[1]) : null;

    /// <summary>Room for one weight in memory of its own, or from <paramref name="slab"/>, which is then shared.</summary>
    public static BFloat16Weight Allocate(BFloat16Panels plan, Storage? slab = null, long offset = 0)
    {
        slab?.AddHolder();
        return new BFloat16Weight(slab ?? NativePages.Allocate(plan.ByteCount, zeroed: false), offset);
    }

    public void Fill(Tensor value, BFloat16Panels plan, int version, WorkerPool workers)
    {
        Panels = plan with { Data = (nint)(_storage.Pointer + _offset) };
        int panels = (int)Math.Clamp(ChunkBytes / plan.Stride, 1, plan.PanelCount);
        workers.Run(new BFloat16Repack(value, Panels, panels), (plan.PanelCount + panels - 1) / panels);
        Version = version;
    }

    public void Dispose() => _storage.Release();
}
