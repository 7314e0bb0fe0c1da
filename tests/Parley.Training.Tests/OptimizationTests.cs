using Parley.Models;
using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>What the optimisers, dropout, recomputation and the running average promise inside a trainer: they learn, and their bits depend on no thread.</summary>
public sealed class OptimizationTests
{
    private static readonly TrainerOptions Everything = new()
    {
        Schedule = new LearningRateSchedule(ScheduleKind.Linear, 1e-2, 3, 40),
        Optimizer = OptimizerKind.Muon,
        Dropout = 0.1f,
        Seed = 9,
        AverageDecay = 0.9f,
    };

    [Theory]
    [InlineData(ModelStyle.Llama, OptimizerKind.AdamW)]
    [InlineData(ModelStyle.Gpt2, OptimizerKind.AdamW)]
    [InlineData(ModelStyle.Llama, OptimizerKind.Muon)]
    public void A_tiny_model_learns_one_batch_by_heart(ModelStyle style, OptimizerKind optimizer)
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(style), 1);
        var options = new TrainerOptions { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1e-2, 5, 300), Optimizer = optimizer, WeightDecay = 0 };
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 1, fresh: false), options, context);
        var loss = double.MaxValue;
        for (var step = 0; step < 300 && loss >= 0.01; step++) loss = trainer.Step(step).Loss;
        Assert.InRange(loss, 0, 0.01);
    }

    [Theory]
    [InlineData(ModelStyle.Llama)]
    [InlineData(ModelStyle.Gpt2)]
    public void The_first_loss_is_that_of_a_guess(ModelStyle style)
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(style), 1);
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 4, fresh: true), Everything, context);
        Assert.Equal(Math.Log(SyntheticSource.Vocabulary), trainer.Step(0).Loss, 0.03);
    }

    [Fact]
    public void Threads_and_recomputation_change_no_bit()
    {
        var expected = WeightsAfter(Everything, threads: 1);
        Assert.Equal(expected, WeightsAfter(Everything, threads: 2));
        Assert.Equal(expected, WeightsAfter(Everything with { Recompute = true }, threads: 1));
        Assert.NotEqual(expected, WeightsAfter(Everything with { Seed = 10 }, threads: 1));
        Assert.NotEqual(expected, WeightsAfter(Everything with { Dropout = 0 }, threads: 1));
    }

    [Fact]
    public void Golden_losses_of_a_hundred_steps()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(ModelStyle.Gpt2), 7);
        var options = new TrainerOptions { Schedule = new LearningRateSchedule(ScheduleKind.WarmupStableDecay, 5e-3, 10, 100) };
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 2, fresh: true), options, context);
        var losses = Enumerable.Range(0, 100).Select(step => trainer.Step(step).Loss).ToArray();
        Assert.Equal(Goldens.HundredSteps, losses, (expected, actual) => Math.Abs(expected - actual) <= 1e-6);
    }

    [Fact]
    public void Golden_losses_of_Muon_with_dropout()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(ModelStyle.Llama), 7);
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 2, fresh: true), Everything, context);
        var losses = Enumerable.Range(0, Goldens.Muon.Length).Select(step => trainer.Step(step).Loss).ToArray();
        Assert.Equal(Goldens.Muon, losses, (expected, actual) => Math.Abs(expected - actual) <= 1e-6);
    }

    [Fact]
    public void The_average_follows_the_weights_as_its_formula_says()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape(ModelStyle.Llama), 3);
        var options = Everything with { AverageDecay = 0.2f, Dropout = 0 };
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 1, fresh: true), options, context);
        var parameter = decoder.Parameters[0];
        double[] expected = [.. parameter.Value.ToArray()];
        for (var step = 0; step < 4; step++)
        {
            trainer.Step(step);
            var decay = Math.Min(0.2, (1.0 + step) / (10 + step));
            expected = [.. expected.Zip(parameter.Value.ToArray(), (average, weight) => (decay * average) + ((1 - decay) * weight))];
        }

        var actual = trainer.Average!.Decoder.Parameters[0].Value.ToArray();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Without_an_average_in_the_checkpoint_there_is_none_to_export()
    {
        using var decoder = Decoder.Initialize(Shape(ModelStyle.Llama), 3);
        var error = Assert.Throws<InvalidDataException>(() => WeightAverage.CopyTo(new Dictionary<string, Tensor>(), decoder));
        Assert.Contains("--ema", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 64, 2)]
    [InlineData(6, 384, 16)]
    [InlineData(12, 768, 32)]
    [InlineData(24, 1536, 64)]
    public void The_depth_dial_sets_width_heads_and_batch(int depth, int hidden, int batch)
    {
        var dial = new DepthDial(depth);
        Assert.Equal((hidden, depth, batch), (dial.Hidden, dial.Heads, dial.Batch));
        Assert.Equal(dial.LearningRate(batch) * 2, dial.LearningRate(4 * batch), 1e-5);
    }

    [Fact]
    public void At_its_reference_the_dial_gives_what_the_options_give()
    {
        Assert.Equal(new RunOptions { Out = "", Data = [] }.LearningRate, new DepthDial(6).LearningRate(16), 1e-12);
        Assert.Equal(new RunOptions { Out = "", Data = [] }.Batch, new DepthDial(6).Batch);
    }

    [Fact]
    public void Styles_and_options_become_a_configuration()
    {
        var gpt2 = new ModelShape(4, 128, 4) { Style = ModelStyle.Gpt2, QueryKeyNorms = true, LogitSoftCap = 15 }.ToConfig(100, 64);
        Assert.Equal(("gpt2", NormKind.Layer, true, false, 512), (gpt2.Architecture, gpt2.Norm, gpt2.LearnedPositions, gpt2.GatedMlp, gpt2.IntermediateSize));
        Assert.Equal((true, 15f), (gpt2.QueryKeyNorms, gpt2.LogitSoftCap));
        var windowed = new ModelShape(8, 128, 4) { SlidingWindow = 16, Relu2 = true }.ToConfig(100, 64);
        Assert.Equal("1110111", windowed.WindowedLayers.ToString());
        Assert.Equal((Activation.Relu2, 512), (windowed.Activation, windowed.IntermediateSize));
        Assert.Throws<ModelFormatException>(() => new ModelShape(1, 128, 4) { SlidingWindow = 16 }.ToConfig(100, 64));
    }

    private static string WeightsAfter(TrainerOptions options, int threads)
    {
        using var context = new ComputeContext(threads);
        using var decoder = Decoder.Initialize(Shape(ModelStyle.Llama), 3);
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 2, fresh: true), options, context);
        for (var step = 0; step < 3; step++) trainer.Step(step);
        return decoder.WeightsId + trainer.Average!.Decoder.WeightsId;
    }

    private static ModelConfig Shape(ModelStyle style) =>
        new ModelShape(Layers: 2, Hidden: 32, Heads: 2, KVHeads: style == ModelStyle.Llama ? 1 : 2) { Intermediate = 64, Style = style }
            .ToConfig(SyntheticSource.Vocabulary, context: 32);
}
