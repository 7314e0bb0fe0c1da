using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Where attention finds keys and values: in a layer of the paged cache (<see cref="CacheLayout"/>) or, without a cache, keys packed for this
/// batch as [kv head][head dim][16 positions] and values as they stand in [T, kvHeads * headDim].
/// </summary>
internal readonly unsafe struct KeyValueSource
{
    private readonly AttentionBatch _batch;
    private readonly byte* _first; // the first kv head of block 0
    private readonly float* _rows; // values without a cache
    private readonly long _blockStride; // bytes
    private readonly int _rowStride; // floats

    /// <summary>A layer of the batch's cache.</summary>
    internal KeyValueSource(AttentionBatch batch, KVCache cache, int layer)
    {
        (_batch, IsPaged, Layout, Type) = (batch, true, cache.Layout, cache.DType);
        _first = cache.BlockPointer(0, layer);
        _blockStride = cache.BlockStride;
    }

    /// <summary>Keys packed by <see cref="PackKeys"/>, values [T, kvHeads * headDim].</summary>
    internal KeyValueSource(AttentionBatch batch, float* packedKeys, float* values, int kvHeads, int headDim)
    {
        (_batch, Layout, Type) = (batch, new CacheLayout(headDim, DType.F32), DType.F32);
        _first = (byte*)packedKeys;
        _rows = values;
        _rowStride = kvHeads * headDim;
        _blockStride = (long)_rowStride * KVCache.BlockSize * sizeof(float);
    }

    internal bool IsPaged { get; }

    internal CacheLayout Layout { get; }

    internal DType Type { get; }

    /// <summary>
    /// The four heads of a tile's blocks, the tile beginning at position <paramref name="start"/>. Blocks behind the item's last position need
    /// not exist: their pointers repeat the first one, and every key in them is masked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal void Locate(in AttentionItem item, int start, byte** heads)
    {
        var last = item.LastPosition;
        var blocks = _batch.Blocks(item.Span);
        var headBytes = IsPaged ? Layout.HeadBytes : Layout.HeadDim * KVCache.BlockSize * sizeof(float);
        for (var i = 0; i < Tile.Blocks; i++)
        {
            var position = start + i * KVCache.BlockSize;
            heads[i] = _first + blocks[(position <= last ? position : start) / KVCache.BlockSize] * _blockStride + (long)item.KVHead * headBytes;
        }
    }

    /// <summary>Without a cache: the first value of a position.</summary>
    internal float* Row(in AttentionItem item, int position) =>
        _rows + (long)(item.Source.FirstRow + position) * _rowStride + (long)item.KVHead * Layout.HeadDim;

    /// <summary>Writes a tile as floats: keys [head dim][64] and values [64][width], only what positions up to the item's last have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal void Read<TLanes, TFormat>(in AttentionItem item, byte** heads, int start, float* keys, float* values)
        where TLanes : struct, ILanes<TLanes>
        where TFormat : struct, ICacheFormat
    {
        var last = item.LastPosition;
        for (var block = 0; block < Tile.Blocks && start + block * KVCache.BlockSize <= last; block++)
        {
            var count = Math.Min(KVCache.BlockSize, last - start - block * KVCache.BlockSize + 1);
            ReadKeys<TLanes, TFormat>(heads[block], heads[block + Tile.Blocks] - heads[block], keys + block * KVCache.BlockSize);
            var target = values + (long)block * KVCache.BlockSize * Layout.Width;
            if (IsPaged) ReadValues<TLanes, TFormat>(heads[block], heads[block + Tile.Blocks] - heads[block], count, target);
            else CopyRows<TLanes>(Row(item, start + block * KVCache.BlockSize), count, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void ReadKeys<TLanes, TFormat>(byte* head, long ahead, float* target)
        where TLanes : struct, ILanes<TLanes>
        where TFormat : struct, ICacheFormat
    {
        var scales = (ushort*)(head + Layout.KeyScaleOffset);
        for (var first = 0; first < Layout.HeadDim; first += CacheLayout.ScaledElements)
        {
            var scale = TFormat.IsScaled ? TLanes.LoadHalf(scales + first / 2) : default;
            var end = Math.Min(first + CacheLayout.ScaledElements, Layout.HeadDim);
            for (var d = first; d < end; d++)
            {
                var source = head + d * KVCache.BlockSize * TFormat.ElementBytes;
                Tile.Fetch(source + ahead);
                var key = TFormat.Load<TLanes>(source);
                (TFormat.IsScaled ? key * scale : key).Store(target + d * Tile.Keys);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining), SkipLocalsInit]
    private void ReadValues<TLanes, TFormat>(byte* head, long ahead, int count, float* target)
        where TLanes : struct, ILanes<TLanes>
        where TFormat : struct, ICacheFormat
    {
        var width = Layout.Width;
        var scales = stackalloc float[KVCache.BlockSize];
        for (var first = 0; first < width; first += CacheLayout.ScaledElements)
        {
            if (TFormat.IsScaled) TLanes.LoadHalf((ushort*)(head + Layout.ValueScaleOffset) + first / 2).Store(scales);
            var end = Math.Min(first + CacheLayout.ScaledElements, width);
            for (var position = 0; position < count; position++)
            {
                var scale = TFormat.IsScaled ? TLanes.Broadcast(scales[position]) : default;
                for (var d = first; d < end; d += 16)
                {
                    var source = head + Layout.ValueOffset + (position * width + d) * TFormat.ElementBytes;
                    Tile.Fetch(source + ahead);
                    var value = TFormat.Load<TLanes>(source);
                    (TFormat.IsScaled ? value * scale : value).Store(target + position * width + d);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void CopyRows<TLanes>(float* source, int count, float* target)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var position = 0; position < count; position++, source += _rowStride, target += Layout.Width)
        {
            for (var d = 0; d < Layout.HeadDim; d += 16) Edge.Load<TLanes>(source + d, Layout.HeadDim - d).Store(target + d);
        }
    }
}
