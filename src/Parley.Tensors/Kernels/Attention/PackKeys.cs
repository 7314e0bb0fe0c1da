using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Packs rows [T, kvHeads * headDim] of a batch without a cache into blocks [kv head][head dim][16 positions], zeros behind a span's end.
/// An item is a row and does its own slot; the last row of a span also fills the slots behind it.
/// </summary>
internal readonly unsafe struct PackKeys(float* rows, AttentionBatch batch, int kvHeads, int headDim, float* packed) : IKernel
{
    private readonly float* _rows = rows, _packed = packed;
    private readonly AttentionBatch _batch = batch;
    private readonly int _kvHeads = kvHeads, _headDim = headDim;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var index = _batch.SpanOfRow(first);
        for (var row = first; row < end; row++)
        {
            var span = _batch.SpanTable[index];
            var position = row - span.FirstRow;
            var block = _packed + _batch.Blocks(index)[position / 16] * (long)_kvHeads * _headDim * 16;
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
