using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Writes new keys and values into their cache blocks. An item is a row of all kv heads.</summary>
internal readonly unsafe struct AppendToCache(float* keys, float* values, AttentionBatch batch, KVCache cache, int layer) : IKernel
{
    private readonly float* _keys = keys, _values = values;
    private readonly AttentionBatch _batch = batch;
    private readonly KVCache _cache = cache;
    private readonly int _layer = layer;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        int headDim = _cache.HeadDim, headFloats = headDim * KVCache.BlockSize;
        var positions = _batch.Positions.Span;
        var spanIndex = _batch.SpanOfRow(first);
        for (var row = first; row < end; row++)
        {
            if (row >= _batch.Spans[spanIndex].FirstRow + _batch.Spans[spanIndex].Count) spanIndex++;
            (var block, var slot) = Math.DivRem(positions[row], KVCache.BlockSize);
            var keys = _cache.BlockPointer(_batch.Spans[spanIndex].Blocks.Span[block], _layer);
            var values = keys + _cache.ValueOffset;
            for (var head = 0; head < _cache.KVHeads; head++)
            {
                var offset = ((long)row * _cache.KVHeads + head) * headDim;
                for (var d = 0; d < headDim; d++) keys[head * headFloats + d * 16 + slot] = _keys[offset + d];
                new ReadOnlySpan<float>(_values + offset, headDim).CopyTo(new(values + head * headFloats + slot * headDim, headDim));
            }
        }
    }
}

/// <summary>
/// Packs rows [T, kvHeads * headDim] of a batch without a cache into blocks [kv head][head dim][16 positions], zeros behind a span's end.
/// An item is a row and does its own slot; the last row of a span also fills the slots behind it.
/// </summary>
internal readonly unsafe struct PackKeys(float* rows, AttentionBatch batch, int kvHeads, int headDim, float* packed) : IKernel
{
    private readonly float* _rows = rows, _packed = packed;
    private readonly AttentionBatch _batch = batch;
    private readonly int _kvHeads = kvHeads, _headDim = headDim;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var index = _batch.SpanOfRow(first);
        for (var row = first; row < end; row++)
        {
            var span = _batch.Spans[index];
            var position = row - span.FirstRow;
            var block = _packed + (_batch.FirstPackedBlock(index) + position / 16) * (long)_kvHeads * _headDim * 16;
            var last = position == span.Count - 1;
            for (var i = 0; i < _kvHeads * _headDim; i++)
            {
                var slots = block + i * 16;
                slots[position % 16] = _rows[(long)row * _kvHeads * _headDim + i];
                for (var slot = position % 16 + 1; last && slot < 16; slot++) slots[slot] = 0;
            }

            if (last) index++;
        }
    }
}
