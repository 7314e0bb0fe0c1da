using Parley.Tensors.Measurements;
using Parley.Training.Optimization;

namespace Parley.Training.Runs;

/// <summary>Speed, elapsed and remaining time, waits and memory of a run, smoothed for the eye.</summary>
internal sealed class ProgressMeter(TimeProvider time, double secondsBefore)
{
    private const double Memory = 0.9;

    private readonly long _started = time.GetTimestamp();
    private readonly List<double> _stallShares = [];
    private long _last = time.GetTimestamp();
    private double _secondsPerStep;
    private double _stepSeconds;
    private double _allSteps;
    private double _loss;
    private long _counted;
    private TimeSpan _dataWait;
    private EvaluationSummary? _evaluation;
    private CheckpointSummary? _checkpoint;

    /// <summary>What the session computes on.</summary>
    public SessionFacts Session { get; init; } = SessionFacts.Unknown;

    /// <summary>The fewest bits per byte of the run so far.</summary>
    public double? Best { get; set; }

    /// <summary>Seconds of the run so far, over all sessions.</summary>
    public double Seconds => secondsBefore + time.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Smoothed over the last steps.</summary>
    public double TokensPerSecond { get; private set; }

    /// <summary>What the last evaluation took.</summary>
    public double EvaluationSeconds { get; private set; }

    /// <summary>The median of what checkpoints cost the steps before them, as a share of a step; null when none was timed.</summary>
    public double? StallShare => _stallShares.Count == 0 ? null : _stallShares.Order().ElementAt(_stallShares.Count / 2);

    public void Count(StepResult result, TimeSpan dataWait = default)
    {
        var seconds = Math.Max(1e-9, time.GetElapsedTime(_last).TotalSeconds);
        _last = time.GetTimestamp();
        (_stepSeconds, _allSteps, _dataWait) = (seconds, _allSteps + seconds, _dataWait + dataWait);

        // The first two steps compile code: what they took says nothing about the rest.
        var memory = _counted++ < 3 ? 0 : Memory;
        _secondsPerStep = (_secondsPerStep * memory) + (seconds * (1 - memory));
        TokensPerSecond = (TokensPerSecond * memory) + (result.Tokens / seconds * (1 - memory));
        _loss = _counted == 1 ? result.Loss : (_loss * Memory) + (result.Loss * (1 - Memory));
    }

    /// <summary>An evaluation after so many steps has ended; all time since the last step is its own.</summary>
    public void CountEvaluation(double? bitsPerByte, double? loss = null, long step = 0)
    {
        EvaluationSeconds = time.GetElapsedTime(_last).TotalSeconds;
        _last = time.GetTimestamp();
        Best = bitsPerByte is { } bits ? Math.Min(Best ?? bits, bits) : Best;
        _evaluation = new EvaluationSummary(step, bitsPerByte, loss, Best, EvaluationSeconds);
    }

    /// <summary>A checkpoint was begun and the run waited so long for it; returns that as a share of a step.</summary>
    public double? CountCheckpoint(long step, TimeSpan stalled)
    {
        var share = _counted > 3 ? stalled.TotalSeconds / _secondsPerStep : (double?)null;
        if (share is { } known) _stallShares.Add(known);
        var before = _checkpoint?.TotalStallSeconds ?? 0;
        _checkpoint = new CheckpointSummary(step, TimeSpan.FromSeconds(Seconds), stalled.TotalSeconds, share, before + stalled.TotalSeconds);
        _last = time.GetTimestamp(); // the next step's speed is its own
        return share;
    }

    public MetricsEntry Entry(TrainingState state, StepResult result, TimeSpan dataWait) => new()
    {
        Kind = "step",
        Step = state.Step,
        Tokens = state.Tokens,
        Seconds = Math.Round(state.Seconds, 3),
        Loss = result.Loss,
        LearningRate = result.LearningRate,
        GradientNorm = result.GradientNorm,
        TokensPerSecond = Math.Round(TokensPerSecond, 1),
        DataSeconds = Math.Round(dataWait.TotalSeconds, 6),
        MemoryMegabytes = Math.Round(ProcessMemory.Resident / 1048576.0, 1),
    };

    /// <param name="steps">Of the whole run; 0 while unknown.</param>
    /// <param name="evaluations">How many are still to come.</param>
    /// <param name="result">Of the last step; null before the first.</param>
    public TrainingProgress Progress(TrainingState state, long steps, long evaluations, StepResult? result)
    {
        var left = (Math.Max(0, steps - state.Step) * _secondsPerStep) + (evaluations * EvaluationSeconds);
        return new TrainingProgress
        {
            Session = Session,
            Step = state.Step,
            Steps = steps,
            Tokens = state.Tokens,
            Loss = result is null ? null : _loss,
            LearningRate = result?.LearningRate ?? 0,
            GradientNorm = result?.GradientNorm ?? 0,
            TokensPerSecond = TokensPerSecond,
            StepTime = TimeSpan.FromSeconds(_stepSeconds),
            Elapsed = TimeSpan.FromSeconds(Seconds),
            Remaining = steps == 0 || result is null ? null : TimeSpan.FromSeconds(left),
            DataWait = _dataWait,
            DataShare = _allSteps > 0 ? _dataWait.TotalSeconds / _allSteps : 0,
            MemoryBytes = ProcessMemory.Resident,
            PeakMemoryBytes = ProcessMemory.Peak(),
            Evaluation = _evaluation,
            Checkpoint = _checkpoint,
        };
    }
}
