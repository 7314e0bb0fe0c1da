namespace Parley.Tensors.Kernels;

/// <summary>How the rows of q are cut into items of work, and where a row lies. Knows shapes, not memory.</summary>
internal readonly struct AttentionRows(AttentionBatch batch, int heads, int kvHeads, in AttentionSettings settings)
{
    private readonly int[] _firstItems = batch.FirstItems(heads / kvHeads, AttentionForward.ItemRows);

    internal int Heads { get; } = heads;

    internal int KVHeads { get; } = kvHeads;

    internal int HeadDim { get; } = settings.HeadDim;

    internal int Group { get; } = heads / kvHeads;

    internal AttentionSettings Settings { get; } = settings;

    /// <summary>What q . k is multiplied by.</summary>
    internal float Scale { get; } = settings.ScoreScale;

    internal AttentionBatch Batch { get; } = batch;

    internal int ItemCount => _firstItems[^1] * KVHeads;

    /// <summary>Items are numbered from the last tile backwards: the longest rows first leave the workers evenly done.</summary>
    internal AttentionItem Item(int item)
    {
        var reversed = ItemCount - 1 - item;
        var tile = reversed / KVHeads;
        var span = Array.BinarySearch(_firstItems, 0, _firstItems.Length, tile);
        if (span < 0) span = ~span - 1;
        var rows = Batch.Spans[span];
        var first = (tile - _firstItems[span]) * AttentionForward.ItemRows;
        return new(span, rows, reversed % KVHeads, Group, first, Math.Min(AttentionForward.ItemRows, rows.Count * Group - first));
    }

    /// <summary>Where a row begins in [T, heads * headDim].</summary>
    internal long QueryOffset(in AttentionItem item, int row)
    {
        (var position, var head) = Math.DivRem(item.FirstLinear + row, Group);
        return ((long)(item.Source.FirstRow + position) * Heads + item.KVHead * Group + head) * HeadDim;
    }
}
