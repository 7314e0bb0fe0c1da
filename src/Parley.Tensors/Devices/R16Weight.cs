using Parley.Tensors.Kernels;

namespace Parley.Tensors;

/// <summary>
/// The layout of one quantised weight for integer products, repacked once for all kernel sets and contexts. Pages of a mapped file are given
/// back as they are read: the file's cache keeps them, this process no longer counts them.
/// </summary>
internal sealed unsafe class R16Weight : IDisposable
{
    /// <summary>Bytes of layout in a chunk of repacking.</summary>
    private const long ChunkBytes = 1 << 20;

    private readonly Storage _storage;
    private readonly long _offset;

    private R16Weight(Storage storage, long offset) => (_storage, _offset) = (storage, offset);

    /// <summary>The repacked weight; null when its scales are not finite as F16, so that it must be computed exactly.</summary>
    public R16Matrix? Matrix { get; private set; }

    /// <summary>The version of the parameter that this was made from.</summary>
    public int Version { get; private set; }

    /// <summary>The layout that a stored weight would have, without memory; null when such weights are not multiplied as integers.</summary>
    public static R16Matrix? Plan(Parameter weight) =>
        weight.Value is { Shape: { Rank: 2, Count: > 0 } shape, DType: var type } && R16Formats.Of(type) is { } format
            ? new R16Matrix(0, format, shape[0], shape[1], weight.IsLast ? 1 : R16Formats.Parts(type))
            : null;

    /// <summary>Room for one weight in memory of its own, or from <paramref name="slab"/>, which is then shared.</summary>
    public static R16Weight Allocate(R16Matrix plan, Storage? slab = null, long offset = 0)
    {
        slab?.AddHolder();
        return new R16Weight(slab ?? NativePages.Allocate(plan.ByteCount, zeroed: false), offset);
    }

    public void Fill(Tensor value, R16Matrix plan, int version, WorkerPool workers)
    {
        R16Matrix target = plan with { Data = (nint)(_storage.Pointer + _offset) };
        int misfit = 0;
        switch (value.DType)
        {
            case DType.Q4_0: Pack<R16FromQ4_0>(value, target, &misfit, workers); break;
            case DType.Q4_1: Pack<R16FromQ4_1>(value, target, &misfit, workers); break;
            case DType.Q5_0: Pack<R16FromQ5_0>(value, target, &misfit, workers); break;
            case DType.Q5_1: Pack<R16FromQ5_1>(value, target, &misfit, workers); break;
            case DType.Q4_K: Pack<R16FromQ4_K>(value, target, &misfit, workers); break;
            case DType.Q5_K: Pack<R16FromQ5_K>(value, target, &misfit, workers); break;
            case DType.Q6_K: Pack<R16FromQ6_K>(value, target, &misfit, workers); break;
            default: Pack<R16FromQ8_0>(value, target, &misfit, workers); break;
        }

        Matrix = misfit == 0 ? target : null;
        Version = version;
    }

    public void Dispose() => _storage.Release();

    private static void Pack<TSource>(Tensor value, R16Matrix target, int* misfit, WorkerPool workers)
        where TSource : struct, IR16Source
    {
        int groups = (int)Math.Clamp(ChunkBytes / target.GroupBytes, 1, target.Groups);
        workers.Run(new R16PackWork<TSource>(value, target, groups, misfit), (target.Groups + groups - 1) / groups);
    }
}
