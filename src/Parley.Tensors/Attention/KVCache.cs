namespace Parley.Tensors;

/// <summary>
/// Keys and values of earlier positions in blocks of 16, all layers of a block together. Who owns which block is the scheduler's business;
/// the cache only holds memory. Its layout is private to the device: per block and layer, keys [kv head][head dim][16 positions], so that a
/// score is summed over the head dim lane by lane, then values [kv head][16 positions][head dim].
/// </summary>
public sealed unsafe class KVCache : IDisposable
{
    /// <summary>Positions in a block.</summary>
    public const int BlockSize = 16;

    private readonly Tensor _storage; // [blocks, layers, 2 * kvHeads * headDim * 16]

    /// <exception cref="ArgumentException">The head dim is odd or the dtype is not F32, the only one kept so far.</exception>
    public KVCache(int layers, int kvHeads, int headDim, int blocks, DType dtype = DType.F32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kvHeads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        HeadDims.Check(headDim);
        if (dtype != DType.F32) throw new ArgumentException($"A KV cache in {dtype} is not supported; use {nameof(DType.F32)}.", nameof(dtype));
        (Layers, KVHeads, HeadDim, Blocks, DType) = (layers, kvHeads, headDim, blocks, dtype);
        _storage = Tensor.Allocate(new(blocks, layers, checked(2 * kvHeads * headDim * BlockSize)), dtype);
    }

    public int Layers { get; }

    public int KVHeads { get; }

    public int HeadDim { get; }

    /// <summary>How many blocks there are; their ids are 0 .. Blocks - 1.</summary>
    public int Blocks { get; }

    public DType DType { get; }

    /// <summary>Bytes of native memory in use.</summary>
    public long ByteCount => BytesPerBlock(Layers, KVHeads, HeadDim, DType) * Blocks;

    private long LayerFloats => 2L * KVHeads * HeadDim * BlockSize;

    /// <summary>Bytes that one block of such a cache takes over all layers.</summary>
    public static long BytesPerBlock(int layers, int kvHeads, int headDim, DType dtype = DType.F32) =>
        DTypes.ByteCount(dtype, 2L * layers * kvHeads * headDim * BlockSize);

    /// <summary>Copies keys and values of all layers; a shared prefix is forked by this before it is written to.</summary>
    public void CopyBlock(int source, int target)
    {
        var bytes = LayerFloats * Layers * sizeof(float);
        Buffer.MemoryCopy(BlockPointer(source, 0), BlockPointer(target, 0), bytes, bytes);
    }

    /// <summary>Overwrites every block, for tests that nothing unwritten is read.</summary>
    internal void Fill(float value) => _storage.Fill(value);

    public void Dispose() => _storage.Dispose();

    /// <summary>The first key of a block in a layer; the values begin <see cref="ValueOffset"/> floats later.</summary>
    internal float* BlockPointer(int block, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)Blocks, nameof(block));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)Layers, nameof(layer));
        return _storage.Pointer + ((long)block * Layers + layer) * LayerFloats;
    }

    /// <summary>Floats from one block to the next in the same layer.</summary>
    internal long BlockStride => LayerFloats * Layers;

    /// <summary>Floats from a block's keys to its values.</summary>
    internal long ValueOffset => (long)KVHeads * HeadDim * BlockSize;
}
