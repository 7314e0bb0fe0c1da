using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Parley.Training.Runs;
using Parley.Training.Stages;
using Parley.Training.Telemetry;

namespace Parley.Training.Tests;

/// <summary>What a run tells meters and tracers: instruments of "Parley.Training" with the run's name, spans of session, evaluations, checkpoints and a few steps.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Instruments_tell_the_newest_state_of_their_run()
    {
        using var metrics = new TrainingMetrics(new SilentView());
        metrics.Show(Progress("meter-run") with { Step = 7, StepTime = TimeSpan.FromSeconds(0.25) });
        var seen = Collect("meter-run", () =>
        {
            metrics.Show(Progress("meter-run") with { Step = 8, Loss = 1.5, StepTime = TimeSpan.FromSeconds(0.5), Evaluation = new(8, 3, 2, 2.5, 4) });
            metrics.Show(Progress("meter-run") with { Step = 8, Loss = 1.5, StepTime = TimeSpan.FromSeconds(0.5), Evaluation = new(8, 3, 2, 2.5, 4), Checkpoint = new(8, default, 0.1, 0.2, 0.3) });
        });
        Assert.Equal([0.5], seen["parley.train.step.duration"]);
        Assert.Equal([4], seen["parley.train.evaluation.duration"]);
        Assert.Equal([1.5], seen["parley.train.loss"]);
        Assert.Equal([3], seen["parley.train.bits_per_byte"]);
        Assert.Equal([0.3], seen["parley.train.checkpoint_stall"]);
        Assert.Equal([0.25], seen["parley.train.peak_ratio"]);
        Assert.Equal([800], seen["parley.train.tokens"]);
    }

    [Fact]
    public void Before_the_first_step_nothing_is_invented()
    {
        using var metrics = new TrainingMetrics(new SilentView());
        metrics.Show(Progress("early-run") with { Loss = null, TokensPerSecond = 0 });
        var seen = Collect("early-run", () => { });
        Assert.False(seen.ContainsKey("parley.train.loss") || seen.ContainsKey("parley.train.peak_ratio") || seen.ContainsKey("parley.train.learning_rate"));
        Assert.True(seen.ContainsKey("parley.train.memory"));
    }

    [Fact]
    public void A_session_is_one_trace_with_its_evaluations_checkpoints_and_a_step()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TrainingMetrics.MeterName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var view = new SilentView();
        Train("traced", view);
        var session = Assert.Single(spans, span => span.OperationName == "train" && (string?)span.GetTagItem("parley.run") == "traced");
        var names = spans.Where(span => span.TraceId == session.TraceId).CountBy(span => span.OperationName).ToDictionary();
        Assert.Equal((3, 2, 2, 1), (names["evaluate"], names["checkpoint"], names["write checkpoint"], names["step"]));
        var step = spans.First(span => span.OperationName == "step" && span.TraceId == session.TraceId);
        Assert.True((double)step.GetTagItem("parley.forward_seconds")! > 0);

        // The same session to people: evaluations and checkpoints are shown at once, with what they cost.
        Assert.Equal(0, view.Steps[0].Evaluation!.Step);
        Assert.Equal(4, view.Steps[^1].Checkpoint!.Step);
        Assert.Contains(view.Lines, line => line.StartsWith("2 checkpoints: the run waited", StringComparison.Ordinal));
        var entries = MetricsLog.Read(new RunFolder(_corpus.Place("traced")).MetricsFile).ToArray();
        Assert.Equal("traced", Assert.Single(entries, entry => entry.Kind == "session").Session!.Run);
        Assert.All(entries.Where(entry => entry.Kind == "evaluation"), entry => Assert.NotNull(entry.EvaluationSeconds));
    }

    private static TrainingProgress Progress(string run) => new()
    {
        Session = new SessionFacts { Run = run, Stage = "pretrain", PeakGigaFlops = 8, OperationsPerToken = 2e6 },
        Step = 1, Steps = 10, Loss = 2, Tokens = 800, TokensPerSecond = 1000, MemoryBytes = 1,
    };

    private static Dictionary<string, double[]> Collect(string run, Action between)
    {
        var seen = new ConcurrentQueue<(string Name, double Value)>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == TrainingMetrics.MeterName) listening.EnableMeasurementEvents(instrument);
        } };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (tags.Length == 1 && tags[0] is { Key: "run", Value: string name } && name == run) seen.Enqueue((instrument.Name, value));
        });
        listener.Start();
        between();
        listener.RecordObservableInstruments();
        return seen.GroupBy(measured => measured.Name).ToDictionary(group => group.Key, group => group.Select(measured => measured.Value).ToArray());
    }

    private void Train(string name, SilentView view)
    {
        var options = new RunOptions
        {
            Out = _corpus.Place(name), Data = [_corpus.Shards], Context = 16, Batch = 4, Shards = 2, Steps = 4, Warmup = 1, EvaluateEvery = 2, EvaluationTokens = 64, Samples = ["the"],
        };
        var config = PretrainStage.Configure(options, new ModelShape(Layers: 1, Hidden: 16, Heads: 2), _corpus.Tokenizer);
        new TrainingSession(new RunFolder(_corpus.Place(name)), view).Start(config, _corpus.Tokenizer.ToJson(), 1, view.Token);
    }
}
