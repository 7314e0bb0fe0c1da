using Parley.Training.Optimization;

namespace Parley.Training.Runs;

/// <summary>Speed, elapsed and remaining time of a run, smoothed for the eye.</summary>
internal sealed class ProgressMeter(TimeProvider time, double secondsBefore)
{
    private const double Memory = 0.9;

    private readonly long _started = time.GetTimestamp();
    private long _last = time.GetTimestamp();
    private double _secondsPerStep;
    private double _loss;
    private long _counted;
    private double? _bitsPerByte;

    /// <summary>Seconds of the run so far, over all sessions.</summary>
    public double Seconds => secondsBefore + time.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Smoothed over the last steps.</summary>
    public double TokensPerSecond { get; private set; }

    /// <summary>What the last evaluation took.</summary>
    public double EvaluationSeconds { get; private set; }

    public void Count(StepResult result)
    {
        var seconds = Math.Max(1e-9, time.GetElapsedTime(_last).TotalSeconds);
        _last = time.GetTimestamp();

        // The first two steps compile code: what they took says nothing about the rest.
        var memory = _counted++ < 3 ? 0 : Memory;
        _secondsPerStep = (_secondsPerStep * memory) + (seconds * (1 - memory));
        TokensPerSecond = (TokensPerSecond * memory) + (result.Tokens / seconds * (1 - memory));
        _loss = _counted == 1 ? result.Loss : (_loss * Memory) + (result.Loss * (1 - Memory));
    }

    public void CountEvaluation(double? bitsPerByte)
    {
        EvaluationSeconds = time.GetElapsedTime(_last).TotalSeconds;
        (_last, _bitsPerByte) = (time.GetTimestamp(), bitsPerByte);
    }

    /// <summary>Leaves the time since the last step out of the next one's speed.</summary>
    public void Pause() => _last = time.GetTimestamp();

    public MetricsEntry Entry(TrainingState state, StepResult result) => new()
    {
        Kind = "step",
        Step = state.Step,
        Tokens = state.Tokens,
        Seconds = Math.Round(state.Seconds, 3),
        Loss = result.Loss,
        LearningRate = result.LearningRate,
        GradientNorm = result.GradientNorm,
        TokensPerSecond = Math.Round(TokensPerSecond, 1),
        MemoryMegabytes = Math.Round(Environment.WorkingSet / 1048576.0, 1),
    };

    public TrainingProgress Progress(TrainingState state, long steps, StepResult result) => new(
        state.Step, steps, _loss, result.LearningRate, TokensPerSecond, TimeSpan.FromSeconds(Seconds),
        steps == 0 ? null : TimeSpan.FromSeconds(Math.Max(0, steps - state.Step) * _secondsPerStep), _bitsPerByte);
}
