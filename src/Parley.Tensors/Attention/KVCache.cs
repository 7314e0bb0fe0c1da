namespace Parley.Tensors;

/// <summary>
/// Keys and values of earlier positions in blocks of 16, all layers of a block together. Who owns which block is the scheduler's business;
/// the cache only holds memory. Its layout (<see cref="CacheLayout"/>) is private to the device. Numbers are rounded to the cache's type once,
/// when they are appended, and attention always reads them back from here, so the type is part of a model's identity.
/// </summary>
public sealed unsafe class KVCache : IDisposable
{
    /// <summary>Positions in a block.</summary>
    public const int BlockSize = 16;

    private readonly Storage _storage; // [blocks][layers][kv heads][HeadBytes]

    /// <param name="dtype">F32, F16, BF16 or Q8_0 (8 bits, a scale for every 32 elements of a head at a position).</param>
    /// <exception cref="ArgumentException">The head dim is above <see cref="HeadDims.Largest"/> or the dtype is none of the four.</exception>
    public KVCache(int layers, int kvHeads, int headDim, int blocks, DType dtype = DType.F32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kvHeads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blocks);
        HeadDims.Check(headDim);
        (Layers, KVHeads, HeadDim, Blocks, DType) = (layers, kvHeads, headDim, blocks, dtype);
        Layout = new(headDim, dtype);
        _storage = NativePages.Allocate(ByteCount, zeroed: false); // what was never written is never read
    }

    public int Layers { get; }

    public int KVHeads { get; }

    public int HeadDim { get; }

    /// <summary>How many blocks there are; their ids are 0 .. Blocks - 1.</summary>
    public int Blocks { get; }

    public DType DType { get; }

    /// <summary>Bytes of native memory in use.</summary>
    public long ByteCount => BlockStride * Blocks;

    internal CacheLayout Layout { get; }

    /// <summary>Bytes from one block to the next in the same layer.</summary>
    internal long BlockStride => LayerBytes * Layers;

    private long LayerBytes => (long)Layout.HeadBytes * KVHeads;

    /// <summary>Bytes that one block of such a cache takes over all layers.</summary>
    public static long BytesPerBlock(int layers, int kvHeads, int headDim, DType dtype = DType.F32) =>
        (long)layers * kvHeads * new CacheLayout(headDim, dtype).HeadBytes;

    /// <summary>Copies keys and values of all layers; a shared prefix is forked by this before it is written to.</summary>
    public void CopyBlock(int source, int target) =>
        Buffer.MemoryCopy(BlockPointer(source, 0), BlockPointer(target, 0), BlockStride, BlockStride);

    public void Dispose() => _storage.Release();

    /// <summary>Overwrites every byte, for tests that nothing unwritten is read; 255 makes a NaN of every float.</summary>
    internal void Fill(byte value)
    {
        for (var block = 0; block < Blocks; block++) new Span<byte>(BlockPointer(block, 0), checked((int)BlockStride)).Fill(value);
    }

    /// <summary>The first kv head of a block in a layer.</summary>
    internal byte* BlockPointer(int block, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)Blocks, nameof(block));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)Layers, nameof(layer));
        return _storage.Pointer + block * BlockStride + layer * LayerBytes;
    }
}
