using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>
/// Pretraining batches from one or several bodies of data, mixed by weight, in an order that is a pure function of (seed, step, shard). Attention never
/// crosses from one document into the next. How rows come out of the data is their source's matter.
/// </summary>
public sealed class DataLoader : IBatchSource
{
    private const ulong SourceStream = 1UL << 60;

    private readonly IReadOnlyList<IRowSource> _sources;
    private readonly Mixture _mixture;
    private readonly DataLoaderOptions _options;
    private readonly int _perShard;

    /// <summary>Windows of one stream.</summary>
    /// <exception cref="InvalidDataException">There is less data than one window.</exception>
    public DataLoader(TokenStream stream, DataLoaderOptions options)
        : this([stream], [1], options)
    {
    }

    /// <summary>Several streams, a share of the rows from each.</summary>
    /// <exception cref="InvalidDataException">A stream has too little data.</exception>
    /// <exception cref="ArgumentException">The numbers do not fit each other.</exception>
    public DataLoader(IReadOnlyList<TokenStream> streams, IReadOnlyList<double> weights, DataLoaderOptions options)
    {
        if (options.Sequences % options.Shards != 0)
        {
            throw new ArgumentException(
                $"A batch of {options.Sequences} sequences cannot be divided into {options.Shards} shards; make it a multiple.");
        }

        (_options, _perShard, _mixture) = (options, options.Sequences / options.Shards, new Mixture(weights));
        _sources = [.. streams.Select((stream, index) => Open(stream, options with { Seed = SeedOf(options.Seed, index) }))];
    }

    public int Shards => _options.Shards;

    /// <summary>The most input tokens of one step.</summary>
    public long TokensPerStep => (long)_options.Sequences * _options.Context;

    /// <summary>Rows in one epoch of all sources.</summary>
    public long Windows => _sources.Sum(source => source.Rows);

    public IReadOnlyList<IRowSource> Sources => _sources;

    /// <summary>The first id's position of each row of a micro-batch, within its source.</summary>
    public long[] Positions(long step, int shard) => [.. Draws(step, shard).Select(row => row.Source.Position(row.Draw))];

    public Batch Read(long step, int shard)
    {
        var batch = new BatchRows(_perShard * _options.Context);
        foreach (var (source, draw) in Draws(step, shard)) source.Append(draw, batch);
        return batch.Build();
    }

    public string Describe(long step, int shard) => string.Join("; ", Draws(step, shard).Select(row => row.Source.Describe(row.Draw)));

    private IEnumerable<(IRowSource Source, long Draw)> Draws(long step, int shard)
    {
        var first = (step * _options.Sequences) + (shard * _perShard);
        return Enumerable.Range(0, _perShard).Select(i => _mixture[first + i]).Select(slot => (_sources[slot.Source], slot.Draw));
    }

    // Sources of equal size shall not be gone through in the same order.
    private static ulong SeedOf(ulong seed, int source) => source == 0 ? seed : Philox.Next(seed, SourceStream, (ulong)source).Item1;

    private static IRowSource Open(TokenStream stream, DataLoaderOptions options) =>
        options.PacksDocuments ? new PackedRows(stream, options) : new WindowRows(stream, options);
}
