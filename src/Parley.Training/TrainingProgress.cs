using Parley.Training.Runs;

namespace Parley.Training;

/// <summary>How far a run is, as people and meters are told. A snapshot: whoever gets it may keep it.</summary>
public sealed record TrainingProgress
{
    /// <summary>What holds for the whole session.</summary>
    public required SessionFacts Session { get; init; }

    /// <summary>Finished steps.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the whole run; 0 while a time budget is being measured.</summary>
    public required long Steps { get; init; }

    /// <summary>Input tokens seen, over all sessions.</summary>
    public long Tokens { get; init; }

    /// <summary>Mean nats a token of the last steps, smoothed; null before the first.</summary>
    public double? Loss { get; init; }

    /// <summary>Of the last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Of the last step, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Smoothed; 0 before the first step.</summary>
    public double TokensPerSecond { get; init; }

    /// <summary>What the last step took.</summary>
    public TimeSpan StepTime { get; init; }

    /// <summary>Over all sessions.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Estimated, evaluations included; null while unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>How long steps of this session have waited for their data.</summary>
    public TimeSpan DataWait { get; init; }

    /// <summary>The waiting as a share of the time that steps took.</summary>
    public double DataShare { get; init; }

    /// <summary>Resident now, bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Resident at most so far, bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>The newest evaluation of this session.</summary>
    public EvaluationSummary? Evaluation { get; init; }

    /// <summary>The newest checkpoint of this session.</summary>
    public CheckpointSummary? Checkpoint { get; init; }

    /// <summary>The share of the machine's measured peak that steps reach; null where it was not measured or before the first step.</summary>
    public double? PeakRatio => TokensPerSecond > 0 ? Session.PeakRatio(TokensPerSecond) : null;
}

/// <param name="Step">Finished steps.</param>
/// <param name="BitsPerByte">On held-out text; null where there is none.</param>
/// <param name="Loss">On held-out text, mean nats a token.</param>
/// <param name="Best">The fewest bits per byte of the run so far.</param>
/// <param name="Seconds">What it took.</param>
public sealed record EvaluationSummary(long Step, double? BitsPerByte, double? Loss, double? Best, double Seconds);

/// <param name="Step">Finished steps.</param>
/// <param name="Elapsed">The run's time when it was begun.</param>
/// <param name="StallSeconds">How long the run waited until it was copied.</param>
/// <param name="StallShare">The same as a share of the time a step takes; null before steps were timed.</param>
/// <param name="TotalStallSeconds">Of all checkpoints of this session.</param>
public sealed record CheckpointSummary(long Step, TimeSpan Elapsed, double StallSeconds, double? StallShare, double TotalStallSeconds);
