namespace Parley.Tensors;

/// <summary>
/// Which rows of a ragged batch are computed with which low-rank updates: any number of different ones side by side, and rows with none. A server
/// keeps one and fills it anew each step, which allocates nothing once its arrays are large enough.
/// </summary>
public sealed class LowRankRows
{
    private readonly List<ILowRankUpdates> _updates = [];
    private int[] _groups = []; // per row, the number of its updates in _updates; -1: none
    private int[] _rows = []; // adapted rows, those of equal updates together
    private int[] _ends = []; // per updates, where its rows end in _rows
    private bool _isGrouped;

    /// <summary>How many rows were added, adapted or not.</summary>
    public int Count { get; private set; }

    /// <summary>True when no row is adapted.</summary>
    public bool IsEmpty => _updates.Count == 0;

    /// <summary>One update for all of a batch's rows, as training has it.</summary>
    public static LowRankRows All(ILowRankUpdates updates, int rows)
    {
        var all = new LowRankRows();
        all.Add(updates, rows);
        return all;
    }

    public void Clear()
    {
        _updates.Clear();
        (Count, _isGrouped) = (0, false);
    }

    /// <summary>The next <paramref name="count"/> rows of the batch are computed with these updates; null: with none.</summary>
    public void Add(ILowRankUpdates? updates, int count)
    {
        Reserve(ref _groups, checked(Count + count));
        _groups.AsSpan(Count, count).Fill(updates is null ? -1 : NumberOf(updates));
        (Count, _isGrouped) = (Count + count, false);
    }

    /// <summary>The different updates, in the order in which they came.</summary>
    internal List<ILowRankUpdates> Updates => _updates;

    /// <summary>All adapted rows, those of equal updates together and in order.</summary>
    internal ReadOnlyMemory<int> Rows
    {
        get
        {
            Group();
            return _rows.AsMemory(0, IsEmpty ? 0 : _ends[_updates.Count - 1]);
        }
    }

    /// <summary>Where the rows of <see cref="Updates"/>[number] lie in <see cref="Rows"/>.</summary>
    internal (int First, int Count) RangeOf(int number)
    {
        Group();
        var first = number == 0 ? 0 : _ends[number - 1];
        return (first, _ends[number] - first);
    }

    private int NumberOf(ILowRankUpdates updates)
    {
        for (var i = 0; i < _updates.Count; i++)
        {
            if (ReferenceEquals(_updates[i], updates)) return i;
        }

        _updates.Add(updates);
        return _updates.Count - 1;
    }

    /// <summary>Counts, then places each row behind those of earlier updates and earlier rows.</summary>
    private void Group()
    {
        if (_isGrouped) return;
        Reserve(ref _ends, _updates.Count);
        Reserve(ref _rows, Count);
        var ends = _ends.AsSpan(0, _updates.Count);
        ends.Clear();
        for (var row = 0; row < Count; row++)
        {
            if (_groups[row] >= 0) ends[_groups[row]]++;
        }

        var start = 0;
        for (var i = 0; i < ends.Length; i++) (ends[i], start) = (start, start + ends[i]);
        for (var row = 0; row < Count; row++)
        {
            if (_groups[row] >= 0) _rows[ends[_groups[row]]++] = row; // from its updates' start to their end
        }

        _isGrouped = true;
    }

    private static void Reserve(ref int[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, Math.Max(64, array.Length * 2)));
    }
}
