using Parley.Training.Evaluation;
using Parley.Training.Optimization;

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
    private long _savedStep;
    private long _savedAt;

    /// <summary>Trains from a state on; returns the state it ended with, whether finished or cancelled.</summary>
    /// <exception cref="DivergedException">The loss is no longer a number, or a spike; failure.txt says more, and the state before that step is saved.</exception>
    public TrainingState Run(TrainingState from, CancellationToken cancellationToken)
    {
        (_config, _state, _savedStep, _savedAt) = (from.Run, from, from.Step, time.GetTimestamp());
        _meter = new ProgressMeter(time, from.Seconds);
        using var metrics = _metrics = new MetricsLog(folder.MetricsFile, from.Step);
        foreach (var loss in RecentLosses(from.Step)) trainer.Monitor.Count(loss);
        if (from.Step == 0) Evaluate();
        if (_config is { Minutes: { } minutes, Steps: 0 }) _budget = new StepBudget(minutes, _config.Warmup, _meter);

        while (_state.Step < _config.Steps || _budget is not null)
        {
            if (cancellationToken.IsCancellationRequested) break;
            Step();
            if (_budget?.Measure(_state.Step) is { } steps) Fix(steps);
            if (_budget is not null) continue;
            if (IsDue(_state.Step)) Evaluate();
            SaveIfDue();
        }

        if (_budget is not null) return _state; // cancelled within the first steps: there is nothing worth keeping yet
        if (_state.Step > _savedStep) Save();
        checkpoints.Complete();
        return _state;
    }

    /// <summary>What the steps before this session cost, so that a resumed run judges spikes as one that never stopped.</summary>
    private double[] RecentLosses(long step) => step == 0 ? [] :
        [.. MetricsLog.Read(folder.MetricsFile).Where(entry => entry.Kind == "step").Select(entry => entry.Loss).OfType<double>().TakeLast(LossMonitor.Window)];

    private void Step()
    {
        StepResult result;
        var waited = trainer.Times[StepPhase.Data];
        try
        {
            result = trainer.Step(_state.Step);
        }
        catch (DivergedException failure)
        {
            File.WriteAllText(folder.FailureFile, failure.Report);
            if (_budget is null && _state.Step > _savedStep) Save();
            checkpoints.Complete();
            throw;
        }

        _meter.Count(result);
        _state = _state with { Step = _state.Step + 1, Tokens = _state.Tokens + result.Tokens, Seconds = _meter.Seconds, BitsPerByte = null };
        _metrics.Append(_meter.Entry(_state, result) with { DataSeconds = Math.Round((trainer.Times[StepPhase.Data] - waited).TotalSeconds, 6) });
        view.Show(_meter.Progress(_state, _config.Steps, result));
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

    private bool IsDue(long step)
    {
        var every = _config.EvaluateEvery > 0 ? _config.EvaluateEvery : Math.Max(1, (_config.Steps + StepBudget.Evaluations - 1) / StepBudget.Evaluations);
        return step % every == 0 || step == _config.Steps;
    }

    private void Evaluate()
    {
        var measured = _config.Policy.EvaluateAverage && trainer.Average is { } average ? new TrainableModel(average.Decoder) : trainer.Model;
        var entry = evaluator.Measure(measured, trainer.Context) with { Step = _state.Step, Tokens = _state.Tokens, Seconds = _meter.Seconds };
        _meter.CountEvaluation(entry.BitsPerByte);
        _state = _state with { BitsPerByte = entry.BitsPerByte, Seconds = _meter.Seconds };
        _metrics.Append(entry);
        if (entry.BitsPerByte is { } bits) view.Say($"step {_state.Step}: {bits:F4} bits per byte on held-out text (loss {entry.HeldLoss:F4})");
        foreach (var sample in entry.Samples ?? []) view.Say($"  {sample.Prompt.ReplaceLineEndings(" ")} → {sample.Text.ReplaceLineEndings(" ")}");
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
        var stalled = checkpoints.Begin(_state).TotalSeconds;
        _metrics.Append(new MetricsEntry { Kind = "checkpoint", Step = _state.Step, Tokens = _state.Tokens, Seconds = _state.Seconds, StallSeconds = Math.Round(stalled, 6) });
        (_savedStep, _savedAt) = (_state.Step, time.GetTimestamp());
        _meter.Pause();
    }
}
