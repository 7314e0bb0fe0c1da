using System.Globalization;

namespace Parley.Training.Reports;

/// <summary>The figures of runs as people read them, a row each; rows of which no run knows anything are left out.</summary>
public sealed record RunFigures(string Name, IReadOnlyList<string?> Values)
{
    public static IReadOnlyList<RunFigures> Of(IReadOnlyList<RunSummary> runs)
    {
        RunFigures Row(string name, Func<RunSummary, string?> value) => new(name, [.. runs.Select(value)]);
        RunFigures[] rows =
        [
            Row("stage", run => run.Config.Stage),
            Row("parameters", run => Number(run.Parameters, "N0")),
            Row("steps", run => Number(run.Steps, "N0")),
            Row("tokens", run => Number(run.Tokens, "N0")),
            Row("time", run => TimeSpan.FromSeconds(Math.Round(run.Seconds)).ToString("c", CultureInfo.InvariantCulture)),
            Row($"loss, last {RunSummary.LastSteps} steps", run => Number(run.FinalLoss, "F4")),
            Row("held-out loss, last", run => Number(run.LastEvaluation?.HeldLoss, "F4")),
            Row("bits per byte, last", run => Number(run.LastEvaluation?.BitsPerByte, "F4")),
            Row("bits per byte, best", run => run.Best is { } best ? $"{Number(best.BitsPerByte, "F4")} at step {Number(best.Step, "N0")}" : null),
            Row("tokens/s, median", run => Number(run.TokensPerSecond, "N0")),
            Row("of the measured peak", run => Share(run.PeakRatio, "0%")),
            Row("memory, most", run => run.MemoryMegabytes is { } megabytes ? $"{Number(megabytes, "N0")} MB" : null),
            Row("wait for data", run => Share(run.DataShare, "0.00%")),
            Row("a checkpoint's wait", run => run.StallShare is { } share ? $"{Share(share, "0.0%")} of a step" : null),
            Row("threads", run => string.Join(", then ", run.Sessions.Select(session => session.Threads)) is { Length: > 0 } threads ? threads : null),
            Row("data", run => Hash(run.Config.DataHashes)),
            Row("tokenizer", run => Short(run.Config.TokenizerHash)),
        ];
        return [.. rows.Where(row => row.Values.Any(value => value is not null))];
    }

    private static string? Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture);

    private static string? Share(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture);

    private static string? Hash(IReadOnlyList<string> hashes) => hashes.Count == 0 ? null : string.Join(' ', hashes.Select(Short));

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];
}
