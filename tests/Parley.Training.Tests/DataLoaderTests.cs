using Parley.Tensors;
using Parley.Training.Batches;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>The order of pretraining data is a pure function of seed, step and shard; documents do not see each other.</summary>
public sealed class DataLoaderTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();
    private readonly TokenStream _stream;

    public DataLoaderTests() => _stream = TokenStream.Open([ShardFolders.Training(_corpus.Shards)], _corpus.Tokenizer);

    public void Dispose()
    {
        _stream.Dispose();
        _corpus.Dispose();
    }

    [Fact]
    public void A_batch_is_the_same_whatever_was_read_before()
    {
        var (first, second) = (Loader(), Loader());
        var forward = (from step in Enumerable.Range(0, 6) from shard in Enumerable.Range(0, 4) select first.Read(step, shard).Tokens).ToArray();
        var backward = (from step in Enumerable.Range(0, 6).Reverse() from shard in Enumerable.Range(0, 4).Reverse() select second.Read(step, shard).Tokens).Reverse().ToArray();
        Assert.Equal(forward, backward);
    }

    [Fact]
    public void An_epoch_visits_every_window_once()
    {
        var loader = Loader();
        var positions = (from step in Enumerable.Range(0, (int)(loader.Windows / 8)) from shard in Enumerable.Range(0, 4) from position in loader.Positions(step, shard) select position).ToArray();
        Assert.Equal(positions.Length, positions.Distinct().Count());
        Assert.Single(positions.Select(position => position % 16).Distinct());
    }

    [Fact]
    public void Shards_of_a_step_do_not_depend_on_how_many_there_are()
    {
        var (four, one) = (Loader(), Loader(shards: 1));
        Assert.Equal(Enumerable.Range(0, 4).SelectMany(shard => four.Positions(5, shard)), one.Positions(5, 0));
    }

    [Fact]
    public void All_documents_of_a_window_are_named()
    {
        var reader = _stream.Readers[0];
        var rows = new WindowRows(_stream, new DataLoaderOptions(Context: 200, Sequences: 1, Shards: 1, _corpus.Tokenizer.Special.EndOfText, Seed: 3));
        var position = rows.Position(1);
        var inside = reader.Documents().Where(document => document.First < position + 200 && document.First + document.Count > position).ToArray();
        Assert.True(inside.Length > 2);
        Assert.Equal(string.Join(", ", inside.Select(document => $"document '{document.Id}' at token {Math.Max(position, document.First)}")), rows.Describe(1));
    }

    [Fact]
    public void Targets_are_the_next_ids()
    {
        var batch = Loader().Read(0, 0);
        Assert.Equal(batch.Tokens[1..16], batch.Targets[..15]);
        Assert.Equal(batch.Tokens.Length, batch.Scored);
    }

    [Fact]
    public void An_end_of_text_opens_a_span()
    {
        var batch = new BatchRows(12);
        batch.AddIds(new int[13]);
        batch.AddSpan(4);
        batch.AddSpans([7, 8, 0, 5, 6, 0, 0, 9], endOfText: 0);
        Assert.Equal([(4, 2), (6, 3), (9, 1), (10, 2)], batch.Build().Attention.Spans.Skip(1).Select(span => (span.FirstRow, span.Count)));
    }

    [Fact]
    public void Too_little_data_and_uneven_shards_are_refused_with_a_sentence()
    {
        var tooLittle = Assert.Throws<InvalidDataException>(() => new DataLoader(_stream.Slice(0, 20), Options(4)));
        Assert.Contains("20 tokens", tooLittle.Message, StringComparison.Ordinal);
        var uneven = Assert.Throws<ArgumentException>(() => new DataLoader(_stream, Options(3)));
        Assert.Contains("8 sequences", uneven.Message, StringComparison.Ordinal);
    }

    private DataLoader Loader(int shards = 4) => new(_stream, Options(shards));

    private DataLoaderOptions Options(int shards) => new(Context: 16, Sequences: 8, shards, _corpus.Tokenizer.Special.EndOfText, Seed: 9);
}
