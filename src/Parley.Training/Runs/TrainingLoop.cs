using System.Globalization;
using Parley.Training.Evaluation;
using Parley.Training.Optimization;
using Parley.Training.Telemetry;

namespace Parley.Training.Runs;

/// <summary>
/// A run from its first (or next) step to its last: steps, measures, evaluates, samples, saves, stops when asked. The clock decides when to
/// save and, once, how many steps fit into a time budget; nothing else, so the weights do not depend on it.
/// </summary>
public sealed class TrainingLoop(Trainer trainer, RunFolder folder, CheckpointWriter checkpoints, Evaluator evaluator, ITrainingView view, TimeProvider time)
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(10);

    private RunConfig _config = null!;
    private TrainingState _state = null!;
    private MetricsLog _metrics = null!;
    private StepBudget? _budget;
    private ProgressMeter _meter = null!;
    private StepResult? _last;
    private long _savedStep;
    private long _savedAt;

    /// <summary>What is told beside the run's figures.</summary>
    public SessionFacts Session { get; init; } = SessionFacts.Unknown;

    /// <summary>Trains from a state on; returns the state it ended with, whether finished or cancelled.</summary>
    /// <exception cref="DivergedException">The loss is no longer a number, or a spike; failure.txt says more, and the state before that step is saved.</exception>
    public TrainingState Run(TrainingState from, CancellationToken cancellationToken)
    {
        (_config, _state, _savedStep, _savedAt) = (from.Run, from, from.Step, time.GetTimestamp());
        using var span = TrainingSpans.Session(Session, from.Step, _config.Steps);
        using var metrics = _metrics = new MetricsLog(folder.MetricsFile, from.Step);
        MetricsEntry[] before = from.Step == 0 ? [] : [.. MetricsLog.Read(folder.MetricsFile)];
        _meter = new ProgressMeter(time, from.Seconds) { Session = Session, Best = before.Min(entry => entry.BitsPerByte) };
        _metrics.Append(new MetricsEntry { Kind = "session", Step = from.Step, Tokens = from.Tokens, Seconds = from.Seconds, Session = Session });
        foreach (var loss in RecentLosses(before)) trainer.Monitor.Count(loss);
        if (from.Step == 0) Evaluate();
        if (_config is { Minutes: { } minutes, Steps: 0 }) _budget = new StepBudget(minutes, _config.Warmup, _meter);

        while (_state.Step < _config.Steps || _budget is not null)
        {
            if (cancellationToken.IsCancellationRequested) break;
            Step();
            if (_budget?.Measure(_state.Step) is { } steps) Fix(steps);
            if (_budget is not null) continue;
            if (_state.Step % EvaluateEvery == 0 || _state.Step == _config.Steps) Evaluate();
            SaveIfDue();
        }

        if (_budget is not null) return _state; // cancelled within the first steps: there is nothing worth keeping yet
        if (_state.Step > _savedStep) Save();
        checkpoints.Complete();
        SayCheckpoints();
        return _state;
    }

    /// <summary>What the steps before this session cost, so that a resumed run judges spikes as one that never stopped.</summary>
    private static IEnumerable<double> RecentLosses(MetricsEntry[] entries) =>
        entries.Where(entry => entry.Kind == "step").Select(entry => entry.Loss).OfType<double>().TakeLast(LossMonitor.Window);

    private long EvaluateEvery => _config.EvaluateEvery > 0
        ? _config.EvaluateEvery
        : Math.Max(1, (_config.Steps + StepBudget.Evaluations - 1) / StepBudget.Evaluations);

    private void Step()
    {
        using var span = TrainingSpans.Step(_state.Step);
        var before = trainer.Times.Copy();
        StepResult result;
        try
        {
            result = trainer.Step(_state.Step);
        }
        catch (DivergedException failure)
        {
            span.Fail(failure);
            File.WriteAllText(folder.FailureFile, failure.Report);
            if (_budget is null && _state.Step > _savedStep) Save();
            checkpoints.Complete();
            throw;
        }

        span?.SetPhases(before, trainer.Times);
        var waited = trainer.Times[StepPhase.Data] - before[StepPhase.Data];
        _last = result;
        _meter.Count(result, waited);
        _state = _state with { Step = _state.Step + 1, Tokens = _state.Tokens + result.Tokens, Seconds = _meter.Seconds, BitsPerByte = null };
        _metrics.Append(_meter.Entry(_state, result, waited));
        Show();
    }

    private void Show()
    {
        var evaluations = _config.Steps > _state.Step ? ((_config.Steps - _state.Step - 1) / EvaluateEvery) + 1 : 0;
        view.Show(_meter.Progress(_state, _config.Steps, evaluations, _last));
    }

    private void Fix(long steps)
    {
        _budget = null;
        _config = _config with { Steps = steps };
        _state = _state with { Run = _config };
        trainer.Options = _config.ToTrainerOptions();
        folder.WriteConfig(_config);
        view.Say($"{_meter.TokensPerSecond:N0} tokens/s: {steps:N0} steps fit into {_config.Minutes:0.#} minutes.");
    }

    private void Evaluate()
    {
        using var span = TrainingSpans.Evaluation(_state.Step);
        var measured = _config.Policy.EvaluateAverage && trainer.Average is { } average ? new TrainableModel(average.Decoder) : trainer.Model;
        var entry = evaluator.Measure(measured, trainer.Context, trainer.Scratch) with { Step = _state.Step, Tokens = _state.Tokens, Seconds = _meter.Seconds };
        if (entry.HeldLoss is { } loss && !double.IsFinite(loss)) throw Failure(loss);
        _meter.CountEvaluation(entry.BitsPerByte, entry.HeldLoss, _state.Step);
        span?.SetTag("parley.bits_per_byte", entry.BitsPerByte);
        _state = _state with { BitsPerByte = entry.BitsPerByte, Seconds = _meter.Seconds };
        _metrics.Append(entry with { EvaluationSeconds = Math.Round(_meter.EvaluationSeconds, 3) });
        if (entry.BitsPerByte is { } bits) view.Say($"step {_state.Step}: {bits:F4} bits per byte on held-out text (loss {entry.HeldLoss:F4})");
        foreach (var sample in entry.Samples ?? []) view.Say($"  {sample.Prompt.ReplaceLineEndings(" ")} → {sample.Text.ReplaceLineEndings(" ")}");
        Show();
    }

    /// <summary>An update has broken the weights, and there is no going back to those before it: what is saved is the last checkpoint.</summary>
    private DivergedException Failure(double loss)
    {
        var failure = trainer.Examine(
            Math.Max(0, _state.Step - 1),
            $"After {_state.Step} steps the held-out loss is {loss}, no number; lower the learning rate ({_config.LearningRate:G3}) or warm up longer, and resume from the last checkpoint.");
        File.WriteAllText(folder.FailureFile, failure.Report);
        checkpoints.Complete();
        return failure;
    }

    private void SaveIfDue()
    {
        var due = (_config.SaveEvery > 0 && _state.Step % _config.SaveEvery == 0)
            || _state.BitsPerByte is not null
            || time.GetElapsedTime(_savedAt) >= SaveInterval;
        if (due) Save();
    }

    private void Save()
    {
        using var span = TrainingSpans.Checkpoint(_state.Step);
        var stalled = checkpoints.Begin(_state);
        var share = _meter.CountCheckpoint(_state.Step, stalled);
        _metrics.Append(new MetricsEntry
        {
            Kind = "checkpoint",
            Step = _state.Step,
            Tokens = _state.Tokens,
            Seconds = _state.Seconds,
            StallSeconds = Math.Round(stalled.TotalSeconds, 6),
            StallShare = share is { } known ? Math.Round(known, 5) : null,
        });
        (_savedStep, _savedAt) = (_state.Step, time.GetTimestamp());
        Show();
    }

    private void SayCheckpoints()
    {
        if (checkpoints.Count == 0) return;
        var share = _meter.StallShare is { } stall ? $", at the median {stall.ToString("0.0%", CultureInfo.InvariantCulture)} of a step" : "";
        view.Say($"{checkpoints.Count:N0} checkpoints: the run waited {checkpoints.Stalled.TotalSeconds:F2} s for them{share}; "
            + $"writing took {checkpoints.Written.TotalSeconds:F2} s beside it.");
    }
}
