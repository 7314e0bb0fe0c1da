using Parley.Models;
using Parley.Training.Optimization;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Training.Tests;

/// <summary>What a run says of its speed, its end, its waits, and the operations that a token takes.</summary>
public sealed class ProgressTests
{
    private static readonly StepResult Result = new(Loss: 2, GradientNorm: 1, LearningRate: 1e-3, Tokens: 100, Scored: 100);

    [Fact]
    public void Remaining_time_counts_steps_and_evaluations()
    {
        var (time, meter) = Warm();
        time.Advance(4);
        meter.CountEvaluation(3.5, 2.5, step: 5);
        var progress = meter.Progress(State(5), steps: 25, evaluations: 2, Result);
        Assert.Equal(200, progress.TokensPerSecond, 6);
        Assert.Equal((20 * 0.5) + (2 * 4), progress.Remaining!.Value.TotalSeconds, 6);
        Assert.Equal(new EvaluationSummary(5, 3.5, 2.5, 3.5, 4), progress.Evaluation);
        Assert.Equal(0.1, progress.DataShare, 6);
    }

    [Fact]
    public void The_best_evaluation_is_remembered_also_from_earlier_sessions()
    {
        var meter = new ProgressMeter(new ManualTime(), 0) { Best = 3 };
        meter.CountEvaluation(3.2);
        Assert.Equal(3, meter.Progress(State(0), 10, 0, null).Evaluation!.Best);
        meter.CountEvaluation(2.9);
        Assert.Equal(2.9, meter.Progress(State(0), 10, 0, null).Evaluation!.Best);
        Assert.Null(meter.Progress(State(0), 10, 0, null).Loss);
    }

    [Fact]
    public void A_checkpoints_wait_is_told_as_a_share_of_a_step_and_slows_no_figure()
    {
        var (time, meter) = Warm();
        time.Advance(0.01);
        Assert.Equal(0.02, meter.CountCheckpoint(5, TimeSpan.FromSeconds(0.01))!.Value, 6);
        time.Advance(0.5);
        meter.Count(Result);
        meter.CountCheckpoint(6, TimeSpan.FromSeconds(0.03));
        var progress = meter.Progress(State(6), 10, 0, Result);
        Assert.Equal(200, progress.TokensPerSecond, 6);
        Assert.Equal((6L, 0.04), (progress.Checkpoint!.Step, Math.Round(progress.Checkpoint.TotalStallSeconds, 6)));
        Assert.Equal(0.06, meter.StallShare!.Value, 6);
    }

    [Fact]
    public void Operations_of_a_token_are_six_for_each_weight_and_attention_over_what_is_seen()
    {
        var gpt = new ModelShape(Layers: 6, Hidden: 384, Heads: 6) { Style = ModelStyle.Gpt2 }.ToConfig(4096, 256);
        Assert.Equal(6 * ((6 * 12.0 * 384 * 384) + (4096.0 * 384) + (6 * 2.0 * 384 * 257 / 2)), StepOperations.PerToken(gpt, 256), 1);

        // Windows of 4 in a context of 8: tokens see 1, 2, 3, 4, 4, 4, 4, 4.
        var windowed = gpt with { SlidingWindow = 4, WindowedLayers = LayerSet.All(6) };
        var seen = 26.0 / 8;
        Assert.Equal(6 * ((6 * 12.0 * 384 * 384) + (4096.0 * 384) + (6 * 2.0 * 384 * seen)), StepOperations.PerToken(windowed, 8), 1);
        Assert.True(StepOperations.PerToken(gpt with { GatedMlp = true }, 256) > StepOperations.PerToken(gpt, 256));
    }

    [Fact]
    public void Peak_ratio_is_unknown_without_a_measured_peak()
    {
        var facts = new SessionFacts { Run = "r", Stage = "pretrain", OperationsPerToken = 2e6 };
        Assert.Null(facts.PeakRatio(1000));
        Assert.Equal(0.5, (facts with { PeakGigaFlops = 4 }).PeakRatio(1000));
    }

    /// <summary>A meter that has seen five steps of half a second, a tenth of it waiting.</summary>
    private static (ManualTime Time, ProgressMeter Meter) Warm()
    {
        var time = new ManualTime();
        var meter = new ProgressMeter(time, 0);
        for (var step = 0; step < 5; step++)
        {
            time.Advance(0.5);
            meter.Count(Result, TimeSpan.FromSeconds(0.05));
        }

        return (time, meter);
    }

    private static TrainingState State(long step) => new(step, step * 100, step, null, null!);
}
