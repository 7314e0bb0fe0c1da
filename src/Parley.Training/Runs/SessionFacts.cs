using System.Text.Json.Serialization;

namespace Parley.Training.Runs;

/// <summary>
/// What holds for one session of a run and is worth knowing when its figures are read: on what it computed, and how fast that can be.
/// </summary>
public sealed record SessionFacts
{
    /// <summary>The name of the run's folder.</summary>
    public required string Run { get; init; }

    public string RunId { get; init; } = "";

    /// <summary>"pretrain" or "sft".</summary>
    public required string Stage { get; init; }

    /// <summary>Numbers the model consists of.</summary>
    public long Parameters { get; init; }

    public int Threads { get; init; }

    /// <summary>The kernel set in use.</summary>
    public string Kernels { get; init; } = "";

    /// <summary>The units whose peak was measured: "fp32" or "bf16".</summary>
    public string Units { get; init; } = "fp32";

    /// <summary>What these units reached at the start of the session, on its threads; null where it was not measured.</summary>
    public double? PeakGigaFlops { get; init; }

    /// <summary>See <see cref="StepOperations.PerToken"/>.</summary>
    public double OperationsPerToken { get; init; }

    /// <summary>The share of the peak that a speed is; null where the peak is unknown.</summary>
    public double? PeakRatio(double tokensPerSecond) =>
        PeakGigaFlops is > 0 ? tokensPerSecond * OperationsPerToken / (PeakGigaFlops * 1e9) : null;

    /// <summary>Facts that say no more than a name, for views without a run behind them.</summary>
    [JsonIgnore]
    public static SessionFacts Unknown { get; } = new() { Run = "", Stage = "" };
}
