using FsCheck;
using FsCheck.Fluent;
using Parley.Training.Batches;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Shares hold at every moment, and the order is a pure function of the number of the slot.</summary>
public sealed class MixtureTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Every_source_has_had_its_share_at_every_moment()
    {
        var weights = Gen.Choose(1, 1000).ListOf().Where(list => list.Count is > 0 and < 8).Select(list => list.Select(weight => weight / 100.0).ToArray());
        Prop.ForAll(weights.ToArbitrary(), shares =>
        {
            var mixture = new Mixture(shares);
            var drawn = new long[shares.Length];
            for (var slot = 0; slot < 300; slot++)
            {
                var (source, draw) = mixture[slot];
                if (draw != drawn[source]++) return false; // each draw of a source once, in order
                if (drawn.Select((count, index) => Math.Abs(count - ((slot + 1) * shares[index] / shares.Sum()))).Max() > shares.Length) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Shares_hold_after_a_billion_slots_too()
    {
        var mixture = new Mixture([0.7, 0.2, 0.1]);
        var draws = Enumerable.Range(0, 100).Select(i => mixture[1_000_000_000L + i]).Where(slot => slot.Source == 0).Select(slot => slot.Draw).ToArray();
        Assert.InRange(draws.Length, 69, 71);
        Assert.InRange(draws[0], 699_999_998, 700_000_002);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_weight_must_be_a_positive_number(double weight) => Assert.Contains("share", Assert.Throws<ArgumentException>(() => new Mixture([1, weight])).Message, StringComparison.Ordinal);

    [Fact]
    public void Batches_take_rows_of_every_set_by_weight()
    {
        using var stream = TokenStream.Open([ShardFolders.Training(_corpus.Shards), ShardFolders.HeldOut(_corpus.Shards)!], _corpus.Tokenizer);
        var split = stream.Readers[0].TokenCount;
        var options = new DataLoaderOptions(Context: 16, Sequences: 8, Shards: 4, _corpus.Tokenizer.Special.EndOfText, Seed: 9);
        var loader = new DataLoader([stream.Slice(0, split), stream.Slice(split, stream.Count - split)], [3, 1], options);
        var fromSecond = Enumerable.Range(0, 10).SelectMany(step => Enumerable.Range(0, 4).Select(shard => loader.Describe(step, shard)))
            .Sum(text => text.Split("; ").Count(row => row.Contains("validation/", StringComparison.Ordinal)));
        Assert.Equal(20, fromSecond);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Reading_ahead_changes_nothing(int steps)
    {
        using var stream = TokenStream.Open([ShardFolders.Training(_corpus.Shards)], _corpus.Tokenizer);
        var loader = new DataLoader(stream, new DataLoaderOptions(Context: 16, Sequences: 8, Shards: 4, _corpus.Tokenizer.Special.EndOfText, Seed: 9));
        using var ahead = new PrefetchingSource(loader, steps);
        long[] order = [0, 1, 2, 7, 8, 3, 3, 1000, 0]; // with jumps, as a resumed run makes one
        foreach (var step in order)
        {
            for (var shard = 0; shard < 4; shard++) Assert.Equal(loader.Read(step, shard).Tokens, ahead.Read(step, shard).Tokens);
        }
    }

    [Fact]
    public void A_failed_reading_is_told_to_whoever_asks_for_it()
    {
        using var ahead = new PrefetchingSource(new BrokenSource(), 2);
        Assert.Equal([5], ahead.Read(0, 0).Tokens);
        Assert.Contains("step 1", Assert.Throws<InvalidDataException>(() => ahead.Read(1, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_read_from_the_command_line()
    {
        var options = DataWeights.Split(new RunOptions { Out = "", Data = ["web=0.75", "books=0.25"] });
        Assert.Equal(["web", "books"], options.Data);
        Assert.Equal([0.75, 0.25], options.Weights);
        Assert.Empty(DataWeights.Split(new RunOptions { Out = "", Data = ["web", "books"] }).Weights);
        Assert.Contains("books has no weight", Assert.Throws<InvalidDataException>(() => DataWeights.Split(new RunOptions { Out = "", Data = ["web=1", "books"] })).Message, StringComparison.Ordinal);
        Assert.Contains("web=0.7", Assert.Throws<InvalidDataException>(() => DataWeights.Split(new RunOptions { Out = "", Data = ["web=much"] })).Message, StringComparison.Ordinal);
    }

    private sealed class BrokenSource : IBatchSource
    {
        public int Shards => 1;

        public Batch Read(long step, int shard) => step == 0 ? new Batch([5], [6], [1], Parley.Tensors.AttentionBatch.Whole(1, 1), 1) : throw new InvalidDataException($"step {step} cannot be read");

        public string Describe(long step, int shard) => "";
    }
}
