using Parley.Text;
using Parley.Text.Shards;

namespace Parley.Training.Batches;

/// <summary>
/// Several shard sets as one long row of ids, or a part of such a row. It knows positions, not the order in which training visits them.
/// Naming a set twice makes it count twice.
/// </summary>
public sealed class TokenStream : IDisposable
{
    private readonly ShardReader[] _readers;
    private readonly long[] _starts;
    private readonly long _first;
    private readonly bool _owner;

    private TokenStream(ShardReader[] readers, long[] starts, long first, long count, bool owner) =>
        (_readers, _starts, _first, Count, _owner) = (readers, starts, first, count, owner);

    /// <summary>How many ids there are.</summary>
    public long Count { get; }

    /// <summary>The sets behind the stream, in order.</summary>
    public IReadOnlyList<ShardReader> Readers => _readers;

    /// <exception cref="InvalidDataException">A set is incomplete, damaged, or made by another tokenizer.</exception>
    public static TokenStream Open(IEnumerable<string> folders, Tokenizer tokenizer)
    {
        var readers = new List<ShardReader>();
        try
        {
            foreach (var folder in folders) readers.Add(ShardReader.Open(folder, tokenizer));
        }
        catch
        {
            readers.ForEach(reader => reader.Dispose());
            throw;
        }

        var starts = new long[readers.Count + 1];
        for (var i = 0; i < readers.Count; i++) starts[i + 1] = starts[i] + readers[i].TokenCount;
        return new TokenStream([.. readers], starts, 0, starts[^1], owner: true);
    }

    /// <summary>A part of this stream, which stays its owner.</summary>
    public TokenStream Slice(long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, Count);
        return new TokenStream(_readers, _starts, _first + first, count, owner: false);
    }

    /// <summary>Fills <paramref name="ids"/> from a position on.</summary>
    public void Read(long position, Span<int> ids)
    {
        if (position < 0 || position + ids.Length > Count)
        {
            throw new ArgumentOutOfRangeException(nameof(position), position, $"The data has {Count} ids; {ids.Length} from there were asked for.");
        }

        position += _first;
        for (var set = 0; !ids.IsEmpty; set++)
        {
            if (position >= _starts[set + 1]) continue;
            var count = (int)Math.Min(ids.Length, _starts[set + 1] - position);
            _readers[set].Read(position - _starts[set], ids[..count]);
            position += count;
            ids = ids[count..];
        }
    }

    /// <summary>The documents that lie wholly in this stream, in order: where each begins and how many ids it has.</summary>
    public IEnumerable<(long First, int Count)> Documents()
    {
        for (var set = 0; set < _readers.Length; set++)
        {
            if (_starts[set + 1] <= _first || _starts[set] >= _first + Count) continue;
            foreach (var document in _readers[set].Documents())
            {
                var first = _starts[set] + document.First - _first;
                if (first >= 0 && first + document.Count <= Count && document.Count > 0) yield return (first, document.Count);
            }
        }
    }

    /// <summary>The documents that <paramref name="count"/> ids from a position on belong to, in words.</summary>
    public string Describe(long position, int count)
    {
        var (first, end) = (_first + position, _first + position + count);
        var documents = _readers.SelectMany((reader, set) => reader.Documents()
            .SkipWhile(document => _starts[set] + document.First + document.Count <= first)
            .TakeWhile(document => _starts[set] + document.First < end)
            .Select(document => $"document '{document.Id}' at token {Math.Max(document.First, first - _starts[set])}"));
        return string.Join(", ", documents);
    }

    public void Dispose()
    {
        if (!_owner) return;
        foreach (var reader in _readers) reader.Dispose();
    }
}
