namespace Parley.Tensors.Kernels;

/// <summary>
/// Where attention finds keys (blocks [head dim][16 positions]) and values (rows of a head): in a layer of the paged cache, or, without a
/// cache, keys packed for this batch and values as they stand in [T, kvHeads * headDim].
/// </summary>
internal readonly unsafe struct KeyValueSource
{
    private readonly AttentionBatch _batch;
    private readonly float* _keys;
    private readonly float* _values;
    private readonly long _blockStride; // floats between blocks of keys (and of values, in the cache)
    private readonly int _headFloats; // floats of one head in a block
    private readonly int _headDim;
    private readonly bool _paged;

    /// <summary>A layer of the batch's cache.</summary>
    internal KeyValueSource(AttentionBatch batch, KVCache cache, int layer)
    {
        (_batch, _paged, _headDim, _headFloats) = (batch, true, cache.HeadDim, cache.HeadDim * KVCache.BlockSize);
        _keys = cache.BlockPointer(0, layer);
        _values = _keys + cache.ValueOffset;
        (_blockStride, ValueStride) = (cache.BlockStride, cache.HeadDim);
    }

    /// <summary>Keys packed by <see cref="PackKeys"/>, values [T, kvHeads * headDim].</summary>
    internal KeyValueSource(AttentionBatch batch, float* packedKeys, float* values, int kvHeads, int headDim)
    {
        (_batch, _headDim, _headFloats) = (batch, headDim, headDim * KVCache.BlockSize);
        _keys = packedKeys;
        _values = values;
        (_blockStride, ValueStride) = ((long)kvHeads * _headFloats, kvHeads * headDim);
    }

    /// <summary>Floats from one position's values to the next.</summary>
    internal int ValueStride { get; }

    /// <summary>
    /// The four blocks of the tile that begins at position <paramref name="start"/>. Blocks behind <paramref name="last"/> need not exist:
    /// their pointers repeat the first one, and every key in them is masked.
    /// </summary>
    internal void Locate(in AttentionItem item, int start, int last, float** keys, float** values)
    {
        for (var i = 0; i < 4; i++)
        {
            var block = (start + i * 16 <= last ? start + i * 16 : start) / 16;
            if (_paged)
            {
                var offset = item.Source.Blocks.Span[block] * _blockStride + (long)item.KVHead * _headFloats;
                keys[i] = _keys + offset;
                values[i] = _values + offset;
                continue;
            }

            keys[i] = _keys + (_batch.FirstPackedBlock(item.Span) + block) * _blockStride + (long)item.KVHead * _headFloats;
            values[i] = _values + (item.Source.FirstRow + block * 16L) * ValueStride + (long)item.KVHead * _headDim;
        }
    }
}
