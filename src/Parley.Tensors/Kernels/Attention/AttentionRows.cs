using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>How the rows of q are cut into items of work, and where a row lies. Knows shapes, not memory.</summary>
internal readonly struct AttentionRows(AttentionBatch batch, int heads, int kvHeads, in AttentionSettings settings)
{
    internal int Heads { get; } = heads;

    internal int KVHeads { get; } = kvHeads;

    internal int HeadDim { get; } = settings.HeadDim;

    internal int Group { get; } = heads / kvHeads;

    internal AttentionSettings Settings { get; } = settings;

    /// <summary>What q . k is multiplied by.</summary>
    internal float Scale { get; } = settings.ScoreScale;

    internal AttentionBatch Batch { get; } = batch;

    /// <summary>Rows in an item that is not its span's last.</summary>
    internal int ItemRows { get; } = RowsOf(settings.HeadDim);

    /// <summary>The most rows that an item has.</summary>
    internal int MostRows { get; } = Math.Min(RowsOf(settings.HeadDim), batch.LongestSpan * (heads / kvHeads));

    internal int ItemCount { get; } = batch.FirstItems(heads / kvHeads, RowsOf(settings.HeadDim))[^1] * kvHeads;

    /// <summary>
    /// Items to a chunk of work: one, or in a step of many sequences several kv heads of one, whose blocks lie side by side, so that each item
    /// can fetch for the next.
    /// </summary>
    internal int Grain(int threads) => Math.Clamp(MostRows <= AttentionForward.DirectRows ? ItemCount / (4 * threads) : 1, 1, KVHeads);

    /// <summary>Items are numbered from the last tile backwards: the longest rows first leave the workers evenly done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal AttentionItem Item(int item)
    {
        var reversed = ItemCount - 1 - item;
        var tile = reversed / KVHeads;
        var firstItems = Batch.FirstItems(Group, ItemRows);
        var span = firstItems.BinarySearch(tile);
        if (span < 0) span = ~span - 1;
        var rows = Batch.SpanTable[span];
        var first = (tile - firstItems[span]) * ItemRows;
        return new(span, rows, reversed % KVHeads, Group, first, Math.Min(ItemRows, rows.Count * Group - first), Settings.Causal);
    }

    /// <summary>Where the row of a position (counted from the span's first) and a head of the group begins in [T, heads * headDim].</summary>
    internal long QueryOffset(in AttentionItem item, int position, int head) =>
        ((long)(item.Source.FirstRow + position) * Heads + item.KVHead * Group + head) * HeadDim;

    /// <summary>Fewer for very large heads: an item's scratch memory lies on the stack.</summary>
    private static int RowsOf(int headDim) => headDim <= 256 ? AttentionForward.MostRows : AttentionForward.MostRows / 4;
}
