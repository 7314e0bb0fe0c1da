using Parley.Models;
using Parley.Tensors;
using Parley.Training.Batches;
using Parley.Training.Optimization;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>What a training step promises: learns, starts at ln V, has the same bits on one thread and two, and moves no golden.</summary>
public sealed class TrainerTests
{
    private const int Vocabulary = 64;

    [Fact]
    public void The_first_loss_is_that_of_a_guess()
    {
        using var context = new ComputeContext(2);
        using var decoder = Decoder.Initialize(Shape(), 1);
        using var trainer = new Trainer(decoder, new FixedSource(shards: 2, fresh: true), Options(1e-3), context);
        Assert.Equal(Math.Log(Vocabulary), trainer.Step(0).Loss, 0.05);
    }

    [Fact]
    public void One_batch_can_be_learnt_by_heart()
    {
        using var context = new ComputeContext(2);
        using var decoder = Decoder.Initialize(Shape(), 1);
        using var trainer = new Trainer(decoder, new FixedSource(shards: 2, fresh: false), Options(1e-2), context);
        var loss = double.MaxValue;
        for (var step = 0; step < 250 && loss > 0.04; step++) loss = trainer.Step(step).Loss;
        Assert.InRange(loss, 0, 0.05);
    }

    [Fact]
    public void One_thread_and_two_give_the_same_bits()
    {
        Assert.Equal(WeightsAfter(steps: 3, threads: 1), WeightsAfter(steps: 3, threads: 2));
    }

    [Theory]
    [InlineData(KernelSet.Reference)]
    [InlineData(KernelSet.Vector256)]
    public void Every_kernel_width_gives_the_same_bits(KernelSet kernels)
    {
        Assert.Equal(WeightsAfter(steps: 1, threads: 1, KernelSet.Vector128), WeightsAfter(steps: 1, threads: 1, kernels));
    }

    [Fact]
    public void Golden_losses_of_twenty_steps()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(), 7);
        using var trainer = new Trainer(decoder, new FixedSource(shards: 4, fresh: true), Options(3e-3), context);
        var losses = Enumerable.Range(0, Goldens.TwentySteps.Length).Select(step => trainer.Step(step).Loss).ToArray();
        Assert.Equal(Goldens.TwentySteps, losses, (expected, actual) => Math.Abs(expected - actual) <= 1e-6);
    }

    [Fact]
    public void BF16_products_learn_as_the_golden_losses_do_and_threads_do_not_show()
    {
        double[] Losses(int threads)
        {
            using var context = new ComputeContext(threads, products: DType.BF16);
            using var decoder = Decoder.Initialize(Shape(), 7);
            using var trainer = new Trainer(decoder, new FixedSource(shards: 4, fresh: true), Options(3e-3), context);
            return [.. Enumerable.Range(0, Goldens.TwentySteps.Length).Select(step => trainer.Step(step).Loss)];
        }

        var losses = Losses(threads: 1);
        Assert.Equal(losses, Losses(threads: 2));
        Assert.Equal(Goldens.TwentySteps, losses, (expected, actual) => Math.Abs(expected - actual) <= 2e-2);
        Assert.NotEqual(Goldens.TwentySteps[5], losses[5], 1e-7);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_before_the_weights_change()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(), 1);
        var norm = decoder.Parameters.First(parameter => parameter.Name == "model.norm.weight");
        norm.Value.Fill(float.NaN);
        norm.MarkChanged();
        var before = decoder.Parameters[0].Value.ToArray();
        using var trainer = new Trainer(decoder, new FixedSource(shards: 2, fresh: true), Options(1e-3), context);
        var failure = Assert.Throws<DivergedException>(() => trainer.Step(5));
        Assert.Equal(5, failure.Step);
        Assert.Contains("shard 1: a test", failure.Report, StringComparison.Ordinal);
        Assert.Equal(before, decoder.Parameters[0].Value.ToArray());
    }

    [Fact]
    public void A_steady_step_allocates_little()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(), 1);
        using var trainer = new Trainer(decoder, new FixedSource(shards: 2, fresh: false), Options(1e-3), context);
        for (var step = 0; step < 3; step++) trainer.Step(step);
        var before = GC.GetAllocatedBytesForCurrentThread();
        trainer.Step(3);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    private static string WeightsAfter(int steps, int threads, KernelSet kernels = KernelSet.Auto)
    {
        using var context = new ComputeContext(threads, kernels);
        using var decoder = Decoder.Initialize(Shape(), 3);
        using var trainer = new Trainer(decoder, new FixedSource(shards: 4, fresh: true), Options(1e-2), context);
        for (var step = 0; step < steps; step++) trainer.Step(step);
        return decoder.WeightsId;
    }

    private static ModelConfig Shape() => new ModelShape(Layers: 2, Hidden: 32, Heads: 2, KVHeads: 1) { Intermediate = 64 }.ToConfig(Vocabulary, context: 32);

    private static TrainerOptions Options(double rate) => new() { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, rate, 5, 400) };

    /// <summary>Two short sequences a shard: always the same, or others in every step.</summary>
    private sealed class FixedSource(int shards, bool fresh) : IBatchSource
    {
        private const int Rows = 24;

        public int Shards => shards;

        public Batch Read(long step, int shard)
        {
            var stream = (ulong)((fresh ? step * shards : 0) + shard);
            var tokens = new int[Rows];
            for (var i = 0; i < Rows; i++) tokens[i] = (int)(Philox.Next(11, stream, (ulong)i).Item1 % Vocabulary);
            int[] targets = [.. tokens.Select(token => ((token * 5) + 3) % Vocabulary)];
            return new Batch(tokens, targets, [.. Enumerable.Repeat(1f, Rows)], AttentionBatch.Whole(2, Rows / 2), Rows);
        }

        public string Describe(long step, int shard) => "a test";
    }
}
