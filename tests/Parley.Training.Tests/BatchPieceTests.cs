using FsCheck;
using FsCheck.Fluent;
using Parley.Models;
using Parley.Tensors;
using Parley.Training.Batches;
using Parley.Training.Optimization;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>A shard computed in pieces: nothing is lost or torn, and where the head has weights of its own no bit of them tells where it was cut.</summary>
public sealed class BatchPieceTests
{
    [Fact]
    public void Pieces_are_the_batch_in_order_cut_between_spans()
    {
        var lengths = Gen.Choose(1, 90).NonEmptyListOf().ToArbitrary();
        Prop.ForAll(lengths, Gen.Choose(1, 200).ToArbitrary(), (spans, most) =>
        {
            var batch = Of([.. spans]);
            var pieces = BatchPiece.Of(batch, most).ToArray();
            Assert.Equal(batch.Tokens, pieces.SelectMany(piece => piece.Tokens.ToArray()));
            Assert.Equal(batch.Targets, pieces.SelectMany(piece => piece.Targets.ToArray()));
            Assert.Equal(batch.Weights, pieces.SelectMany(piece => piece.Weights.ToArray()));
            Assert.Equal(spans, pieces.SelectMany(piece => piece.Attention.Spans.Select(span => span.Count)));
            Assert.Equal(batch.Attention.Positions.ToArray(), pieces.SelectMany(piece => piece.Attention.Positions.ToArray()));
            Assert.All(pieces, piece => Assert.True(piece.Tokens.Length <= most || piece.Attention.Spans.Count == 1));
            Assert.Equal(batch.Tokens.Length, pieces[^1].FirstRow + pieces[^1].Tokens.Length);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(ModelStyle.Gpt2)]
    [InlineData(ModelStyle.Llama)]
    public void The_cut_changes_no_bit_of_the_weights(ModelStyle style)
    {
        var whole = WeightsAfter(style, pieceRows: 1000);
        Assert.Equal(whole, WeightsAfter(style, pieceRows: 20));
        Assert.Equal(whole, WeightsAfter(style, pieceRows: 1));
        Assert.Equal(whole, WeightsAfter(style, pieceRows: 33, recompute: true));
    }

    private static string WeightsAfter(ModelStyle style, int pieceRows, bool recompute = false)
    {
        using var context = new ComputeContext(2);
        using var decoder = Decoder.Initialize(new ModelShape(Layers: 2, Hidden: 32, Heads: 2, KVHeads: 1) { Style = style, TieEmbeddings = false, Intermediate = 64 }.ToConfig(64, context: 32), 3);
        var options = new TrainerOptions
        {
            Schedule = new LearningRateSchedule(ScheduleKind.Linear, 1e-2, 1, 40),
            Dropout = 0.1f,
            Seed = 9,
            Recompute = recompute,
        };
        using var trainer = new Trainer(decoder, new RaggedSource(), options, context) { PieceRows = pieceRows };
        for (var step = 0; step < 3; step++) trainer.Step(step);
        return decoder.WeightsId;
    }

    private static Batch Of(int[] lengths)
    {
        var rows = lengths.Sum();
        var spans = lengths.Select((length, i) => new AttentionSpan(lengths.Take(i).Sum(), length, 0, default));
        return new Batch(
            [.. Enumerable.Range(0, rows).Select(row => row * 7 % 64)],
            [.. Enumerable.Range(0, rows).Select(row => row * 5 % 64)],
            [.. Enumerable.Range(0, rows).Select(row => row % 9 == 0 ? 0f : 1f)],
            new AttentionBatch([.. spans]),
            Enumerable.Range(0, rows).Count(row => row % 9 != 0));
    }

    private sealed class RaggedSource : IBatchSource
    {
        public int Shards => 2;

        public Batch Read(long step, int shard) => Of(shard == 0 ? [5, 17, 1, 9, 20, 12] : [32, 3, 3, 30]);

        public string Describe(long step, int shard) => "a test";
    }
}
