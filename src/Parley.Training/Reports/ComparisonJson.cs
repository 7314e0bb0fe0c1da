using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Training.Reports;

/// <summary>A comparison as programs read it: {"runs": [...], "settings": [...], "verdicts": [...]}, snake case, what is unknown left out.</summary>
public sealed partial record ComparisonJson
{
    private ComparisonJson()
    {
    }

    public required IReadOnlyList<Run> Runs { get; init; }

    public required IReadOnlyList<SettingDifference> Settings { get; init; }

    public required IReadOnlyList<RunVerdict> Verdicts { get; init; }

    public static string Of(RunComparison comparison) => JsonSerializer.Serialize(
        new ComparisonJson { Runs = [.. comparison.Runs.Select(Describe)], Settings = comparison.Settings, Verdicts = comparison.Verdicts },
        Context.Default.ComparisonJson);

    private static Run Describe(RunSummary run) => new()
    {
        Name = run.Name,
        RunId = run.Config.RunId,
        Stage = run.Config.Stage,
        Parameters = run.Parameters,
        Steps = run.Steps,
        Tokens = run.Tokens,
        Seconds = run.Seconds,
        FinalLoss = run.FinalLoss,
        HeldLoss = run.LastEvaluation?.HeldLoss,
        BitsPerByte = run.LastEvaluation?.BitsPerByte,
        BestBitsPerByte = run.Best?.BitsPerByte,
        BestStep = run.Best?.Step,
        TokensPerSecond = run.TokensPerSecond,
        PeakRatio = run.PeakRatio,
        MemoryMegabytes = run.MemoryMegabytes,
        DataShare = run.DataShare,
        StallShare = run.StallShare,
        DataHashes = run.Config.DataHashes,
        TokenizerHash = run.Config.TokenizerHash,
    };

    /// <summary>One run's figures; see <see cref="RunSummary"/>.</summary>
    public sealed record Run
    {
        public required string Name { get; init; }

        public required string RunId { get; init; }

        public required string Stage { get; init; }

        public long? Parameters { get; init; }

        public long Steps { get; init; }

        public long Tokens { get; init; }

        public double Seconds { get; init; }

        public double? FinalLoss { get; init; }

        public double? HeldLoss { get; init; }

        public double? BitsPerByte { get; init; }

        public double? BestBitsPerByte { get; init; }

        public long? BestStep { get; init; }

        public double? TokensPerSecond { get; init; }

        public double? PeakRatio { get; init; }

        public double? MemoryMegabytes { get; init; }

        public double? DataShare { get; init; }

        public double? StallShare { get; init; }

        public IReadOnlyList<string> DataHashes { get; init; } = [];

        public required string TokenizerHash { get; init; }
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(ComparisonJson))]
    private sealed partial class Context : JsonSerializerContext;
}
