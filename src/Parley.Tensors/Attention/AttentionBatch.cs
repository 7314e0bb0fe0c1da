using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// The ragged batch that one forward pass works on: which rows belong to which sequence, at which positions, and where their keys and
/// values live. It knows neither tokens nor layers. Without a cache (training, scoring) a span's keys are exactly its own rows. A server
/// keeps one and calls <see cref="Rebind"/> each step, which allocates nothing once its arrays are large enough.
/// </summary>
public sealed class AttentionBatch
{
    private readonly List<AttentionSpan> _spans = [];
    private int[] _positions = [];
    private int[] _firstBlocks = []; // per span, where its blocks begin in _blocks; without a cache the number of its first packed block
    private int[] _blocks = [];
    private int[] _firstItems = [];
    private (int Group, int ItemRows) _itemsOf;

    /// <param name="spans">Spans whose rows follow each other without a gap, the first from row 0.</param>
    /// <param name="cache">The cache that every span's blocks belong to; null when keys are the batch's own rows.</param>
    /// <exception cref="ArgumentException">A span is empty, leaves a gap, or its blocks do not hold its positions.</exception>
    public AttentionBatch(IReadOnlyList<AttentionSpan> spans, KVCache? cache = null)
    {
        Cache = cache;
        Rebind(spans);
    }

    /// <summary>The sequences of this batch, in row order.</summary>
    public IReadOnlyList<AttentionSpan> Spans => _spans;

    /// <summary>Where keys and values of earlier positions live; null when there are none.</summary>
    public KVCache? Cache { get; }

    /// <summary>The position of each row in its sequence; the memory is written again by <see cref="Rebind"/>.</summary>
    public ReadOnlyMemory<int> Positions => _positions.AsMemory(0, Rows);

    /// <summary>How many rows all spans have together.</summary>
    public int Rows { get; private set; }

    /// <summary>Blocks of 16 positions that the batch's own keys fill when they are packed without a cache.</summary>
    internal int PackedBlocks { get; private set; }

    /// <summary>The most rows that a span has.</summary>
    internal int LongestSpan { get; private set; }

    /// <summary>The spans again, for kernels.</summary>
    internal ReadOnlySpan<AttentionSpan> SpanTable => CollectionsMarshal.AsSpan(_spans);

    /// <summary>A batch of equally long sequences from position 0 without a cache, as pretraining uses it.</summary>
    public static AttentionBatch Whole(int sequences, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var spans = new AttentionSpan[sequences];
        for (var i = 0; i < sequences; i++) spans[i] = new(checked(i * length), length, 0, default);
        return new(spans);
    }

    /// <summary>Makes this the batch of other spans of the same cache. After an exception it is empty.</summary>
    /// <exception cref="ArgumentException">A span is empty, leaves a gap, or its blocks do not hold its positions.</exception>
    public void Rebind(IReadOnlyList<AttentionSpan> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        Clear();
        try
        {
            for (var i = 0; i < spans.Count; i++) Add(spans[i]);
        }
        catch
        {
            Clear();
            throw;
        }
    }

    /// <summary>
    /// The blocks of a span, in the order of its positions: ids in the cache or, without one, numbers of packed blocks.
    /// </summary>
    internal ReadOnlySpan<int> Blocks(int span) => _blocks.AsSpan(_firstBlocks[span]);

    /// <summary>Which span a row belongs to.</summary>
    internal int SpanOfRow(int row)
    {
        var spans = SpanTable;
        int low = 0, high = spans.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = spans[middle].FirstRow <= row ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Which span a packed block belongs to, without a cache.</summary>
    internal int SpanOfBlock(int block)
    {
        var span = _firstBlocks.AsSpan(0, _spans.Count).BinarySearch(block);
        return span < 0 ? ~span - 1 : span;
    }

    /// <summary>How many blocks hold <paramref name="positions"/> positions.</summary>
    internal static int BlocksFor(int positions) => (positions + KVCache.BlockSize - 1) / KVCache.BlockSize;

    /// <summary>
    /// For each span the number of its first item when every span's rows (positions times <paramref name="group"/> heads) are cut into
    /// items of <paramref name="itemRows"/>; the last entry is their total. Kept, since every layer asks the same.
    /// </summary>
    internal ReadOnlySpan<int> FirstItems(int group, int itemRows)
    {
        if (_itemsOf != (group, itemRows))
        {
            Reserve(ref _firstItems, _spans.Count + 1);
            _firstItems[0] = 0;
            for (var i = 0; i < _spans.Count; i++) _firstItems[i + 1] = _firstItems[i] + (_spans[i].Count * group + itemRows - 1) / itemRows;
            _itemsOf = (group, itemRows);
        }

        return _firstItems.AsSpan(0, _spans.Count + 1);
    }

    private void Clear()
    {
        _spans.Clear();
        (Rows, PackedBlocks, LongestSpan, _itemsOf) = (0, 0, 0, default);
    }

    private void Add(in AttentionSpan span)
    {
        var index = _spans.Count;
        Check(span, index);
        Reserve(ref _firstBlocks, index + 1);
        _firstBlocks[index] = PackedBlocks;
        var blocks = Cache is null ? BlocksFor(span.Count) : BlocksFor(span.Position + span.Count);
        Reserve(ref _blocks, PackedBlocks + blocks);
        for (var i = 0; i < blocks; i++) _blocks[PackedBlocks + i] = Cache is null ? PackedBlocks + i : span.Blocks.Span[i];
        PackedBlocks += blocks;
        Reserve(ref _positions, checked(Rows + span.Count));
        for (var i = 0; i < span.Count; i++) _positions[span.FirstRow + i] = span.Position + i;
        Rows += span.Count;
        LongestSpan = Math.Max(LongestSpan, span.Count);
        _spans.Add(span);
    }

    private static void Reserve(ref int[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, Math.Max(256, array.Length * 2)));
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
}
