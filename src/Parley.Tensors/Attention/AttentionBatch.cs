namespace Parley.Tensors;

/// <summary>
/// The ragged batch that one forward pass works on: which rows belong to which sequence, at which positions, and where their keys and
/// values live. It knows neither tokens nor layers. Without a cache (training, scoring) a span's keys are exactly its own rows.
/// </summary>
public sealed class AttentionBatch
{
    private readonly AttentionSpan[] _spans;
    private readonly int[] _positions;
    private readonly int[] _packedBlocks;
    private ItemTable? _items;

    /// <param name="spans">Spans whose rows follow each other without a gap, the first from row 0.</param>
    /// <param name="cache">The cache that every span's blocks belong to; null when keys are the batch's own rows.</param>
    /// <exception cref="ArgumentException">A span is empty, leaves a gap, or its blocks do not hold its positions.</exception>
    public AttentionBatch(IReadOnlyList<AttentionSpan> spans, KVCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(spans);
        Cache = cache;
        _spans = [.. spans];
        _packedBlocks = new int[_spans.Length + 1];
        for (var i = 0; i < _spans.Length; i++)
        {
            var span = _spans[i];
            Check(span, i);
            Rows = checked(Rows + span.Count);
            _packedBlocks[i + 1] = _packedBlocks[i] + BlocksFor(span.Count);
        }

        _positions = new int[Rows];
        foreach (var span in _spans)
        {
            for (var i = 0; i < span.Count; i++) _positions[span.FirstRow + i] = span.Position + i;
        }
    }

    /// <summary>The sequences of this batch, in row order.</summary>
    public IReadOnlyList<AttentionSpan> Spans => _spans;

    /// <summary>Where keys and values of earlier positions live; null when there are none.</summary>
    public KVCache? Cache { get; }

    /// <summary>The position of each row in its sequence.</summary>
    public ReadOnlyMemory<int> Positions => _positions;

    /// <summary>How many rows all spans have together.</summary>
    public int Rows { get; }

    /// <summary>Blocks of 16 positions that the batch's own keys fill when they are packed without a cache.</summary>
    internal int PackedBlocks => _packedBlocks[^1];

    /// <summary>A batch of equally long sequences from position 0 without a cache, as pretraining uses it.</summary>
    public static AttentionBatch Whole(int sequences, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var spans = new AttentionSpan[sequences];
        for (var i = 0; i < sequences; i++) spans[i] = new(checked(i * length), length, 0, default);
        return new(spans);
    }

    /// <summary>The first of the blocks that span <paramref name="span"/> fills when the batch is packed without a cache.</summary>
    internal int FirstPackedBlock(int span) => _packedBlocks[span];

    /// <summary>Which span a row belongs to.</summary>
    internal int SpanOfRow(int row)
    {
        int low = 0, high = _spans.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _spans[middle].FirstRow <= row ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>How many blocks hold <paramref name="positions"/> positions.</summary>
    internal static int BlocksFor(int positions) => (positions + KVCache.BlockSize - 1) / KVCache.BlockSize;

    /// <summary>
    /// For each span the number of its first item when every span's rows (positions times <paramref name="group"/> heads) are cut into
    /// items of <paramref name="itemRows"/>; the last entry is their total. Kept, since every layer asks the same.
    /// </summary>
    internal int[] FirstItems(int group, int itemRows)
    {
        if (_items is { } kept && kept.Group == group && kept.ItemRows == itemRows) return kept.First;
        var first = new int[_spans.Length + 1];
        for (var i = 0; i < _spans.Length; i++) first[i + 1] = first[i] + (_spans[i].Count * group + itemRows - 1) / itemRows;
        _items = new(group, itemRows, first);
        return first;
    }

    private void Check(in AttentionSpan span, int index)
    {
        if (span.Count <= 0) throw new ArgumentException($"Span {index} has {span.Count} rows; give each span at least one.");
        if (span.FirstRow != Rows)
        {
            throw new ArgumentException($"Span {index} begins at row {span.FirstRow}; it must follow the span before it, at row {Rows}.");
        }

        if (Cache is null)
        {
            if (span.Position != 0) throw new ArgumentException($"Span {index} begins at position {span.Position}; without a cache it must be 0.");
            return;
        }

        if (span.Position < 0) throw new ArgumentException($"Span {index} begins at position {span.Position}; positions count from 0.");
        var needed = BlocksFor(checked(span.Position + span.Count));
        if (span.Blocks.Length < needed)
        {
            throw new ArgumentException($"Span {index} needs {needed} cache blocks for its positions but has {span.Blocks.Length}.");
        }

        foreach (var block in span.Blocks.Span[..needed])
        {
            if ((uint)block >= (uint)Cache.Blocks) throw new ArgumentException($"Span {index} names block {block}; the cache has {Cache.Blocks}.");
        }
    }

    private sealed record ItemTable(int Group, int ItemRows, int[] First);
}
