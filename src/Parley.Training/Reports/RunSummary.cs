using System.Text;
using Parley.Models;
using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>A run in a few numbers, read from its folder. What was not measured is null.</summary>
public sealed record RunSummary
{
    /// <summary>The loss at the end is the mean of so many steps.</summary>
    public const int LastSteps = 20;

    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    public required RunConfig Config { get; init; }

    /// <summary>metrics.jsonl, in order.</summary>
    public required IReadOnlyList<MetricsEntry> Entries { get; init; }

    /// <summary>Numbers the model consists of; null where run.json does not describe one.</summary>
    public long? Parameters { get; init; }

    /// <summary>Finished steps.</summary>
    public long Steps => Entries.Max(entry => entry.Step);

    public long Tokens => Entries.Max(entry => entry.Tokens);

    /// <summary>Training time, evaluations included, over all sessions.</summary>
    public double Seconds => Entries.Max(entry => entry.Seconds);

    /// <summary>Mean of the last <see cref="LastSteps"/> steps.</summary>
    public double? FinalLoss => Mean(Stepped.TakeLast(LastSteps).Select(entry => entry.Loss));

    /// <summary>The evaluation with the fewest bits per byte.</summary>
    public MetricsEntry? Best => Entries.Where(entry => entry.BitsPerByte is not null).MinBy(entry => entry.BitsPerByte);

    /// <summary>The newest evaluation on held-out text.</summary>
    public MetricsEntry? LastEvaluation => Entries.LastOrDefault(entry => entry.BitsPerByte is not null);

    /// <summary>The median over all steps.</summary>
    public double? TokensPerSecond => Median(Stepped.Select(entry => entry.TokensPerSecond));

    /// <summary>That speed as a share of the peak that the newest session measured.</summary>
    public double? PeakRatio => TokensPerSecond is { } speed ? Sessions.LastOrDefault()?.PeakRatio(speed) : null;

    public double? MemoryMegabytes => Entries.Max(entry => entry.MemoryMegabytes);

    /// <summary>Waiting for data as a share of the whole time.</summary>
    public double? DataShare =>
        Seconds > 0 && Stepped.Any(entry => entry.DataSeconds is not null) ? Stepped.Sum(entry => entry.DataSeconds ?? 0) / Seconds : null;

    /// <summary>What a checkpoint makes a step wait, as a share of that step: the median.</summary>
    public double? StallShare => Median(Entries.Select(entry => entry.StallShare));

    public IEnumerable<SessionFacts> Sessions => Entries.Select(entry => entry.Session).OfType<SessionFacts>();

    private IEnumerable<MetricsEntry> Stepped => Entries.Where(entry => entry.Kind == "step");

    /// <exception cref="InvalidDataException">The folder holds no run, or the run has measured nothing yet.</exception>
    public static RunSummary Read(RunFolder folder)
    {
        var config = folder.ReadConfig();
        var entries = MetricsLog.Read(folder.MetricsFile).ToArray();
        if (entries.Length == 0) throw new InvalidDataException($"{folder.MetricsFile} holds no measurements yet; train first.");
        return new RunSummary { Name = Path.GetFileName(folder.Path), Config = config, Entries = entries, Parameters = Count(config) };
    }

    private static long? Count(RunConfig config)
    {
        try
        {
            return ModelConfigJson.FromJson(Encoding.UTF8.GetBytes(config.Model.GetRawText()), "run.json").ParameterCount;
        }
        catch (ModelFormatException)
        {
            return null; // a report of what was measured needs no model
        }
    }

    private static double? Mean(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToArray();
        return known.Length == 0 ? null : known.Average();
    }

    private static double? Median(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().Order().ToArray();
        return known.Length == 0 ? null : known[known.Length / 2];
    }
}
