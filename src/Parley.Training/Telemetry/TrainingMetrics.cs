using System.Diagnostics.Metrics;

namespace Parley.Training.Telemetry;

/// <summary>
/// A view that passes everything on and keeps the newest state for whoever measures: the instruments of the meter "Parley.Training", each tagged
/// with the run's folder. Counters go on where a resumed run's checkpoint stood.
/// </summary>
public sealed class TrainingMetrics : ITrainingView, IDisposable
{
    public const string MeterName = "Parley.Training";

    private readonly ITrainingView _shown;
    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _steps;
    private readonly Histogram<double> _evaluations;
    private TrainingProgress? _newest;

    public TrainingMetrics(ITrainingView shown)
    {
        _shown = shown;
        _steps = _meter.CreateHistogram<double>("parley.train.step.duration", "s", "What a training step took.");
        _evaluations = _meter.CreateHistogram<double>("parley.train.evaluation.duration", "s", "What an evaluation took.");
        Gauge("loss", "{nat}", "Mean negative log-likelihood of a token, smoothed over the last steps.", state => state.Loss);
        Gauge("learning_rate", "1", "Learning rate of the last step.", state => AfterStep(state, state.LearningRate));
        Gauge("gradient_norm", "1", "Global norm of the gradient before clipping.", state => AfterStep(state, state.GradientNorm));
        Gauge("tokens_per_second", "{token}/s", "Training speed, smoothed over the last steps.", state => AfterStep(state, state.TokensPerSecond));
        Gauge("peak_ratio", "1", "Share of the measured peak of the multiply-add units that steps reach.", state => state.PeakRatio);
        Gauge("step", "{step}", "Finished steps.", state => state.Step);
        Gauge("steps", "{step}", "Steps of the whole run; 0 while a time budget is measured.", state => state.Steps);
        Gauge("remaining", "s", "Estimated time until the last step.", state => state.Remaining?.TotalSeconds);
        Gauge("memory", "By", "Resident memory of the process.", state => state.MemoryBytes);
        Gauge("peak_memory", "By", "Most resident memory so far.", state => state.PeakMemoryBytes);
        Gauge("bits_per_byte", "1", "Newest evaluation on held-out text.", state => state.Evaluation?.BitsPerByte);
        Gauge("best_bits_per_byte", "1", "Best evaluation of the run on held-out text.", state => state.Evaluation?.Best);
        Gauge("held_out_loss", "{nat}", "Newest evaluation on held-out text, mean nats of a token.", state => state.Evaluation?.Loss);
        Gauge("checkpoint.step", "{step}", "Finished steps at the newest checkpoint.", state => state.Checkpoint?.Step);
        Gauge("parameters", "1", "Numbers the model consists of.", state => state.Session.Parameters);
        Counter("tokens", "{token}", "Input tokens seen by the run, over all its sessions.", state => state.Tokens);
        Counter("data_wait", "s", "Time that steps of this session waited for their data.", state => state.DataWait.TotalSeconds);
        Counter("checkpoint_stall", "s", "Time that this session waited for checkpoints to be copied.", state => state.Checkpoint?.TotalStallSeconds ?? 0);
    }

    public void Say(string line) => _shown.Say(line);

    public void Show(TrainingProgress progress)
    {
        var before = Interlocked.Exchange(ref _newest, progress);
        var run = Run(progress);
        if (progress.StepTime > TimeSpan.Zero && progress.Step != before?.Step) _steps.Record(progress.StepTime.TotalSeconds, run);
        if (progress.Evaluation is { } evaluation && evaluation != before?.Evaluation) _evaluations.Record(evaluation.Seconds, run);
        _shown.Show(progress);
    }

    public void Dispose() => _meter.Dispose();

    private static double? AfterStep(TrainingProgress state, double value) => state.Loss is null ? null : value;

    private static KeyValuePair<string, object?> Run(TrainingProgress state) => new("run", state.Session.Run);

    private void Gauge(string name, string unit, string description, Func<TrainingProgress, double?> value) =>
        _meter.CreateObservableGauge($"parley.train.{name}", () => Measure(value), unit, description);

    private void Counter(string name, string unit, string description, Func<TrainingProgress, double> value) =>
        _meter.CreateObservableCounter($"parley.train.{name}", () => Measure(state => value(state)), unit, description);

    private IEnumerable<Measurement<double>> Measure(Func<TrainingProgress, double?> value) =>
        Volatile.Read(ref _newest) is { } state && value(state) is { } number && double.IsFinite(number) ? [new(number, Run(state))] : [];
}
