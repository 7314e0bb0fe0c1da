using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Rounds new keys and values to the cache's type and writes them into their blocks. An item is a row of all kv heads.</summary>
internal readonly unsafe struct AppendToCache(float* keys, float* values, AttentionBatch batch, KVCache cache, int layer) : IKernel
{
    private readonly float* _keys = keys, _values = values;
    private readonly byte* _first = cache.BlockPointer(0, layer);
    private readonly long _blockStride = cache.BlockStride;
    private readonly AttentionBatch _batch = batch;
    private readonly CacheLayout _layout = cache.Layout;
    private readonly DType _type = cache.DType;
    private readonly int _kvHeads = cache.KVHeads;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining), SkipLocalsInit]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var positions = _batch.Positions.Span;
        var index = _batch.SpanOfRow(first);
        var span = _batch.SpanTable[index];
        var rounded = stackalloc float[_layout.Width];
        for (var row = first; row < end; row++)
        {
            if (row >= span.FirstRow + span.Count) span = _batch.SpanTable[++index];
            int position = positions[row], slot = position % KVCache.BlockSize;
            var head = _first + _batch.Blocks(index)[position / KVCache.BlockSize] * _blockStride;
            for (var kvHead = 0; kvHead < _kvHeads; kvHead++, head += _layout.HeadBytes)
            {
                var offset = ((long)row * _kvHeads + kvHead) * _layout.HeadDim;
                Append<TLanes>(_keys + offset, _values + offset, head, slot, (byte*)rounded);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Append<TLanes>(float* key, float* value, byte* head, int slot, byte* rounded)
        where TLanes : struct, ILanes<TLanes>
    {
        var values = head + _layout.ValueOffset;
        switch (_type)
        {
            case DType.F32:
                Scatter((int*)key, (int*)head + slot);
                Round<TLanes>(value, values + slot * _layout.Width * sizeof(float));
                break;
            case DType.Q8_0:
                RoundToBytes<TLanes>(key, (sbyte*)rounded, (ushort*)(head + _layout.KeyScaleOffset) + slot);
                Scatter(rounded, head + slot);
                RoundToBytes<TLanes>(value, (sbyte*)values + slot * _layout.Width, (ushort*)(head + _layout.ValueScaleOffset) + slot);
                break;
            default:
                Round<TLanes>(key, rounded);
                Scatter((ushort*)rounded, (ushort*)head + slot);
                Round<TLanes>(value, values + slot * _layout.Width * sizeof(ushort));
                break;
        }
    }

    /// <summary>A key becomes a column of [head dim][16 positions].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Scatter<T>(T* key, T* slots)
        where T : unmanaged
    {
        for (var d = 0; d < _layout.HeadDim; d++) slots[d * KVCache.BlockSize] = key[d];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Round<TLanes>(float* source, byte* target)
        where TLanes : struct, ILanes<TLanes>
    {
        int headDim = _layout.HeadDim, d = 0;
        for (; d + 16 <= headDim; d += 16) Put(TLanes.Load(source + d), target, d);
        if (d < headDim) Put(Edge.Load<TLanes>(source + d, headDim - d), target, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TLanes>(TLanes numbers, byte* target, int d)
        where TLanes : struct, ILanes<TLanes>
    {
        if (_type == DType.F16) numbers.StoreHalf((ushort*)target + d);
        else if (_type == DType.BF16) numbers.StoreBFloat16((ushort*)target + d);
        else numbers.Store((float*)target + d);
    }

    /// <summary>Per 32 elements a scale, largest / 127 as F16, and the elements over it as whole numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining), SkipLocalsInit]
    private void RoundToBytes<TLanes>(float* source, sbyte* target, ushort* scales)
        where TLanes : struct, ILanes<TLanes>
    {
        var halves = stackalloc ushort[16];
        for (var first = 0; first < _layout.HeadDim; first += CacheLayout.ScaledElements, scales += KVCache.BlockSize)
        {
            long left = _layout.HeadDim - first;
            TLanes low = Edge.Load<TLanes>(source + first, left), high = left > 16 ? Edge.Load<TLanes>(source + first + 16, left - 16) : TLanes.Zero;
            var scale = TLanes.Largest(TLanes.Max(TLanes.Abs(low), TLanes.Abs(high))) / 127;
            TLanes.Broadcast(scale).StoreHalf(halves);
            *scales = halves[0];

            // The numbers are divided by the scale as it was stored, so none can exceed 127 but by its rounding.
            var stored = TLanes.LoadHalf(halves);
            TLanes limit = TLanes.Broadcast(127), lowest = TLanes.Broadcast(-127);
            var inverse = TLanes.SelectGreater(stored, TLanes.Zero, TLanes.Broadcast(1) / stored, TLanes.Zero);
            TLanes.Max(lowest, TLanes.Min(limit, low * inverse)).StoreBytes(target + first);
            if (left > 16) TLanes.Max(lowest, TLanes.Min(limit, high * inverse)).StoreBytes(target + first + 16);
        }
    }
}
