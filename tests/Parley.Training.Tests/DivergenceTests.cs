using Parley.Models;
using Parley.Tensors;
using Parley.Training.Optimization;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>Spikes and numbers that are none stop a run before the weights change, and the report says step, layer and documents.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public void A_spike_is_far_above_the_median_of_the_last_losses()
    {
        var monitor = new LossMonitor(20);
        for (var i = 0; i < 19; i++) monitor.Count(3);
        Assert.Equal(double.PositiveInfinity, monitor.Limit);
        monitor.Count(3);
        Assert.Equal(4, monitor.Limit); // no deviation at all: a nat is allowed
        for (var i = 0; i < 200; i++) monitor.Count(2 + (i % 2 * 0.2));
        Assert.Equal(2.1 + (20 * 0.1), monitor.Limit, 1e-9);
        Assert.Equal(double.PositiveInfinity, new LossMonitor(0).Limit);
    }

    [Fact]
    public void A_spike_stops_the_run_before_the_weights_change()
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape, 1);
        var options = new TrainerOptions { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, 2e-2, 5, 200), SpikeFactor = 20 };
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 2, fresh: true) { ShiftedFrom = 120 }, options, context);
        for (var step = 0; step < 120; step++) trainer.Step(step);
        var before = decoder.WeightsId;
        var failure = Assert.Throws<DivergedException>(() => trainer.Step(120));
        Assert.Contains("a spike above", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--spike 0", failure.Message, StringComparison.Ordinal);
        Assert.Contains("document 1 of step 120", failure.Report, StringComparison.Ordinal);
        Assert.Contains("largest gradients: ", failure.Report, StringComparison.Ordinal);
        Assert.Equal(before, decoder.WeightsId);
    }

    [Theory]
    [InlineData("model.embed_tokens.weight", "the embedding")]
    [InlineData("model.layers.1.mlp.down_proj.weight", "layer 1")]
    [InlineData("model.norm.weight", "the final norm or the output head")]
    public void The_report_names_where_numbers_stop_being_finite(string parameter, string place)
    {
        using var context = new ComputeContext(1);
        using var decoder = Decoder.Initialize(Shape with { TieEmbeddings = false }, 1);
        var broken = decoder.Parameters.First(candidate => candidate.Name == parameter);
        broken.Value.Fill(float.NaN);
        broken.MarkChanged();
        var options = new TrainerOptions { Schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1e-3, 5, 40) };
        using var trainer = new Trainer(decoder, new SyntheticSource(shards: 2, fresh: true), options, context);
        var failure = Assert.Throws<DivergedException>(() => trainer.Step(7));
        Assert.Contains($"leaves {place}\n", failure.Report, StringComparison.Ordinal);
        Assert.Contains("document 0 of step 7", failure.Report, StringComparison.Ordinal);
    }

    private static ModelConfig Shape => new ModelShape(Layers: 2, Hidden: 32, Heads: 2) { Intermediate = 64 }.ToConfig(SyntheticSource.Vocabulary, context: 32);
}
