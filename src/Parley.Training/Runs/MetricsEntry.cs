using System.Text.Json.Serialization;

namespace Parley.Training.Runs;

/// <summary>
/// One line of metrics.jsonl: the begin of a session, a training step, an evaluation or a checkpoint; what does not apply is left out.
/// </summary>
public sealed record MetricsEntry
{
    /// <summary>"session", "step", "evaluation" or "checkpoint".</summary>
    public required string Kind { get; init; }

    /// <summary>Finished steps.</summary>
    public required long Step { get; init; }

    /// <summary>Input tokens seen so far.</summary>
    public long Tokens { get; init; }

    /// <summary>Training time so far, over all sessions.</summary>
    public double Seconds { get; init; }

    /// <summary>Mean nats per scored token of the step's own batch.</summary>
    public double? Loss { get; init; }

    public double? LearningRate { get; init; }

    public double? GradientNorm { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <summary>How long the step waited for its data.</summary>
    public double? DataSeconds { get; init; }

    /// <summary>Resident memory of the process.</summary>
    public double? MemoryMegabytes { get; init; }

    /// <summary>On held-out text.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>On held-out text, mean nats per scored token.</summary>
    public double? HeldLoss { get; init; }

    /// <summary>How long the run waited for a checkpoint to be copied; it is written beside the next steps.</summary>
    public double? StallSeconds { get; init; }

    /// <summary>The same as a share of the time that a step takes, smoothed.</summary>
    public double? StallShare { get; init; }

    /// <summary>What an evaluation took.</summary>
    public double? EvaluationSeconds { get; init; }

    /// <summary>On what the steps that follow are computed.</summary>
    public SessionFacts? Session { get; init; }

    public IReadOnlyList<Sample>? Samples { get; init; }
}

/// <summary>What the model makes of a prompt, greedily.</summary>
public sealed record Sample(string Prompt, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetricsEntry))]
internal sealed partial class MetricsJson : JsonSerializerContext;
