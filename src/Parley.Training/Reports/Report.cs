using System.Globalization;
using System.Text;
using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>
/// A run as one HTML file that needs nothing else: curves of loss, bits per byte, learning rate, gradient norm and speed, the samples of each
/// evaluation, the configuration. A pure function of the run's folder.
/// </summary>
public static class Report
{
    /// <exception cref="InvalidDataException">The folder holds no run, or the run has measured nothing yet.</exception>
    public static string Html(RunFolder folder)
    {
        var config = folder.ReadConfig();
        var entries = MetricsLog.Read(folder.MetricsFile).ToArray();
        if (entries.Length == 0) throw new InvalidDataException($"{folder.MetricsFile} holds no measurements yet; train first.");
        var title = $"{config.Stage} {Path.GetFileName(folder.Path)}";
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Chart.Escape(title)}</title>");
        html.Append(CultureInfo.InvariantCulture, $"<style>{ReportPage.Style}</style></head><body><h1>{Chart.Escape(title)}</h1>\n");
        html.Append(Summary(config, entries));
        foreach (var (name, series) in Charts(entries)) html.Append(Chart.Svg(name, series));
        html.Append(Samples(entries));
        html.Append(CultureInfo.InvariantCulture, $"<h2>Configuration</h2><pre>{Chart.Escape(config.ToJson())}</pre>");
        html.Append(CultureInfo.InvariantCulture, $"<script>{ReportPage.Script}</script></body></html>\n");
        return html.ToString();
    }

    private static IEnumerable<(string Name, Series[] Series)> Charts(MetricsEntry[] entries)
    {
        var loss = Curve(entries, "each step", "faint", entry => entry.Loss);
        yield return ("Loss (nats a token)", [loss, loss.Smoothed(20, "smoothed", "first"), Curve(entries, "held-out", "second", entry => entry.HeldLoss)]);
        yield return ("Held-out text (bits per byte)", [Curve(entries, "bits per byte", "second", entry => entry.BitsPerByte)]);
        yield return ("Learning rate", [Curve(entries, "learning rate", "first", entry => entry.LearningRate)]);
        yield return ("Gradient norm before clipping", [Curve(entries, "gradient norm", "first", entry => entry.GradientNorm)]);
        yield return ("Speed (tokens a second)", [Curve(entries, "tokens/s", "first", entry => entry.TokensPerSecond)]);
    }

    private static Series Curve(MetricsEntry[] entries, string name, string style, Func<MetricsEntry, double?> value) =>
        new(name, style, [.. entries.Where(entry => value(entry) is not null).Select(entry => ((double)entry.Step, value(entry)!.Value))]);

    private static string Summary(RunConfig config, MetricsEntry[] entries)
    {
        var last = entries[^1];
        var loss = entries.LastOrDefault(entry => entry.Loss is not null)?.Loss;
        var bits = entries.Where(entry => entry.BitsPerByte is not null).Select(entry => entry.BitsPerByte).Min();
        (string Name, string Value)[] facts =
        [
            ("steps", $"{last.Step:N0} of {config.Steps:N0}"),
            ("tokens", $"{entries.Max(entry => entry.Tokens):N0}"),
            ("time", TimeSpan.FromSeconds(Math.Round(last.Seconds)).ToString("c", CultureInfo.InvariantCulture)),
            ("loss", loss?.ToString("F4", CultureInfo.InvariantCulture) ?? "-"),
            ("best bits per byte", bits?.ToString("F4", CultureInfo.InvariantCulture) ?? "-"),
            ("memory", $"{entries.Max(entry => entry.MemoryMegabytes ?? 0):N0} MB"),
        ];
        return "<dl>" + string.Concat(facts.Select(fact => $"<div><dt>{fact.Name}</dt><dd>{Chart.Escape(fact.Value)}</dd></div>")) + "</dl>\n";
    }

    private static string Samples(MetricsEntry[] entries)
    {
        var rows = from entry in entries
                   from sample in entry.Samples ?? []
                   select $"<tr><td>{entry.Step:N0}</td><td>{Chart.Escape(sample.Prompt)}</td><td>{Chart.Escape(sample.Text)}</td></tr>";
        var body = string.Concat(rows);
        const string head = "<thead><tr><th>step</th><th>prompt</th><th>the model goes on</th></tr></thead>";
        return body.Length == 0 ? "" : $"<h2>Samples</h2><table>{head}<tbody>{body}</tbody></table>\n";
    }
}
