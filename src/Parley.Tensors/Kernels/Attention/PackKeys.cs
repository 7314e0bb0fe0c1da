using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Packs rows [T, kvHeads * headDim] of a batch without a cache into blocks [kv head][head dim][16 positions], zeros behind a span's end.
/// An item is a block.
/// </summary>
internal readonly unsafe struct PackKeys(float* rows, AttentionBatch batch, int kvHeads, int headDim, float* packed) : IKernel
{
    private const int Block = KVCache.BlockSize, Square = 8;

    private readonly float* _rows = rows, _packed = packed;
    private readonly AttentionBatch _batch = batch;
    private readonly int _width = kvHeads * headDim;

    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var index = _batch.SpanOfBlock(first);
        for (var block = first; block < end; block++)
        {
            var span = _batch.SpanTable[index];
            var position = (block - _batch.Blocks(index)[0]) * Block;
            var count = Math.Min(Block, span.Count - position);
            Pack(_rows + (span.FirstRow + position) * (long)_width, count, _packed + block * (long)_width * Block);
            if (position + Block >= span.Count) index++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Pack(float* rows, int count, float* target)
    {
        var whole = count == Block ? _width / Square * Square : 0;
        for (var i = 0; i < whole; i += Square)
        {
            Transpose.Block8(rows + i, _width, target + (long)i * Block, Block);
            Transpose.Block8(rows + (long)Square * _width + i, _width, target + (long)i * Block + Square, Block);
        }

        for (var i = whole; i < _width; i++)
        {
            for (var slot = 0; slot < Block; slot++) target[(long)i * Block + slot] = slot < count ? rows[(long)slot * _width + i] : 0;
        }
    }
}
