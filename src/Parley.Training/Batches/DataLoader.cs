using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>
/// Pretraining batches: windows of context + 1 ids, every one once an epoch, in an order that is a pure function of (seed, step, shard).
/// Attention never crosses from one document into the next: an end-of-text id opens a span of its own, in which it stands for "a document
/// begins". Each epoch cuts its windows at another offset, so that the borders are not always the same.
/// </summary>
public sealed class DataLoader : IBatchSource
{
    private const ulong OffsetStream = 1UL << 62;

    private readonly TokenStream _stream;
    private readonly DataLoaderOptions _options;
    private readonly long _windows;
    private readonly int _perShard;

    /// <exception cref="InvalidDataException">There is less data than one window.</exception>
    public DataLoader(TokenStream stream, DataLoaderOptions options)
    {
        if (options.Sequences % options.Shards != 0)
        {
            throw new ArgumentException(
                $"A batch of {options.Sequences} sequences cannot be divided into {options.Shards} shards; make it a multiple.");
        }

        (_stream, _options, _perShard) = (stream, options, options.Sequences / options.Shards);

        // One window's length is kept free so that any epoch's offset fits.
        _windows = (stream.Count - 1 - options.Context) / options.Context;
        if (_windows < 1)
        {
            throw new InvalidDataException(
                $"The data has {stream.Count} tokens, too few for a context of {options.Context}; give more data or a context of at most {stream.Count / 3}.");
        }
    }

    public int Shards => _options.Shards;

    /// <summary>Input tokens of one step.</summary>
    public long TokensPerStep => (long)_options.Sequences * _options.Context;

    /// <summary>Windows in one epoch.</summary>
    public long Windows => _windows;

    /// <summary>The first id's position of each window of a micro-batch.</summary>
    public long[] Positions(long step, int shard)
    {
        var positions = new long[_perShard];
        for (var i = 0; i < _perShard; i++)
        {
            var drawn = (step * _options.Sequences) + (shard * _perShard) + i;
            var epoch = (ulong)(drawn / _windows);
            var offset = Philox.Next(_options.Seed, OffsetStream, epoch).Item1 % (uint)_options.Context;
            positions[i] = (new Permutation(_windows, _options.Seed, epoch)[drawn % _windows] * _options.Context) + offset;
        }

        return positions;
    }

    public Batch Read(long step, int shard)
    {
        var context = _options.Context;
        var rows = _perShard * context;
        var (tokens, targets, weights) = (new int[rows], new int[rows], new float[rows]);
        var window = new int[context + 1];
        var spans = new List<AttentionSpan>();
        var positions = Positions(step, shard);
        for (var i = 0; i < positions.Length; i++)
        {
            _stream.Read(positions[i], window);
            window.AsSpan(0, context).CopyTo(tokens.AsSpan(i * context));
            window.AsSpan(1).CopyTo(targets.AsSpan(i * context));
            AddSpans(spans, window.AsSpan(0, context), i * context, _options.EndOfText);
        }

        Array.Fill(weights, 1f);
        return new Batch(tokens, targets, weights, new AttentionBatch(spans), rows);
    }

    public string Describe(long step, int shard) => string.Join("; ", Positions(step, shard).Select(_stream.Describe));

    /// <summary>Cuts the rows of one window into spans, a new one before every end-of-text id.</summary>
    public static void AddSpans(List<AttentionSpan> spans, ReadOnlySpan<int> ids, int firstRow, int endOfText)
    {
        while (!ids.IsEmpty)
        {
            var next = ids[1..].IndexOf(endOfText);
            var count = next < 0 ? ids.Length : next + 1;
            spans.Add(new AttentionSpan(firstRow, count, 0, default));
            firstRow += count;
            ids = ids[count..];
        }
    }
}
