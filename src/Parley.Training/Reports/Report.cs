using System.Globalization;
using System.Text;
using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>
/// A run as one HTML file that needs nothing else: curves of loss, bits per byte, learning rate, gradient norm, speed, memory and waits, the
/// samples of all evaluations side by side, the sessions, the configuration. A pure function of the run's folder.
/// </summary>
public static class Report
{
    /// <exception cref="InvalidDataException">The folder holds no run, or the run has measured nothing yet.</exception>
    public static string Html(RunFolder folder)
    {
        var run = RunSummary.Read(folder);
        var body = new StringBuilder();
        body.Append(Heading(run)).Append(ReportPage.Facts(Facts(run)));
        body.Append("<div class=\"charts\">").AppendJoin("", Charts(run).Select(chart => Chart.Svg(chart.Name, chart.Series))).Append("</div>\n");
        body.Append(Samples(run)).Append(Sessions(run));
        body.Append($"<details><summary>Configuration</summary><pre>{Chart.Escape(run.Config.ToJson())}</pre></details>\n");
        return ReportPage.Wide($"{run.Config.Stage} {run.Name}", body.ToString());
    }

    private static IEnumerable<(string Name, Series[] Series)> Charts(RunSummary run)
    {
        var loss = Curve(run, "each step", "faint", entry => entry.Loss);
        yield return ("Loss (nats a token)", [loss, loss.Smoothed(loss.Span, "smoothed", "first"), Curve(run, "held-out", "second", entry => entry.HeldLoss)]);
        yield return ("Held-out text (bits per byte)", [Curve(run, "bits per byte", "second", entry => entry.BitsPerByte)]);
        yield return ("Learning rate", [Curve(run, "learning rate", "first", entry => entry.LearningRate)]);
        yield return ("Gradient norm before clipping", [Curve(run, "gradient norm", "first", entry => entry.GradientNorm)]);
        yield return ("Speed (tokens a second)", [Curve(run, "tokens/s", "first", entry => entry.TokensPerSecond)]);
        yield return ("Memory (MB resident)", [Curve(run, "resident", "first", entry => entry.MemoryMegabytes)]);
        yield return ("A checkpoint's wait (% of a step)", [Curve(run, "copied before the next step", "second", entry => 100 * entry.StallShare)]);
        yield return ("Wait for data (ms a step)", [Curve(run, "wait", "first", entry => 1000 * entry.DataSeconds)]);
    }

    private static Series Curve(RunSummary run, string name, string style, Func<MetricsEntry, double?> value) =>
        Series.Of(run.Entries, name, style, entry => entry.Step, value);

    private static string Heading(RunSummary run)
    {
        var parameters = run.Parameters is { } count ? $"{count:N0} parameters, " : "";
        var settings = $"context {run.Config.Context}, batch {run.Config.Batch}, seed {run.Config.Seed}";
        return $"<p class=\"soft\">{parameters}{settings}, run {Chart.Escape(run.Config.RunId)}</p>\n";
    }

    private static IEnumerable<(string Name, string? Value)> Facts(RunSummary run) =>
    [
        ("steps", $"{run.Steps:N0} of {run.Config.Steps:N0}"),
        ("tokens", $"{run.Tokens:N0}"),
        ("time", $"{TimeSpan.FromSeconds(Math.Round(run.Seconds)):c}"),
        ("loss", $"{run.FinalLoss:F4}"),
        ("best bits per byte", run.Best is { } best ? $"{best.BitsPerByte:F4} at {best.Step:N0}" : "-"),
        ("tokens a second", run.TokensPerSecond is { } speed ? $"{speed:N0}" : null),
        ("of the measured peak", run.PeakRatio is { } ratio ? ratio.ToString("0%", CultureInfo.InvariantCulture) : null),
        ("memory at most", $"{run.MemoryMegabytes ?? 0:N0} MB"),
        ("wait for data", run.DataShare is { } wait ? wait.ToString("0.00%", CultureInfo.InvariantCulture) : null),
        ("a checkpoint's wait", run.StallShare is { } stall ? $"{stall.ToString("0.0%", CultureInfo.InvariantCulture)} of a step" : null),
    ];

    /// <summary>A column for each evaluation, two rows for each prompt: the prompt, and how the model went on at each time.</summary>
    private static string Samples(RunSummary run)
    {
        var evaluations = run.Entries.Where(entry => entry.Samples is { Count: > 0 }).ToArray();
        if (evaluations.Length == 0) return "";
        var head = string.Concat(evaluations.Select(entry =>
        {
            var score = entry.BitsPerByte is { } bits ? $"{bits:F3} bits per byte" : "";
            return $"<th>step {entry.Step:N0}<small>{score}</small></th>";
        }));
        var rows = new StringBuilder();
        var prompts = evaluations.SelectMany(entry => entry.Samples!).Select(sample => sample.Prompt).Distinct(StringComparer.Ordinal);
        foreach (var prompt in prompts)
        {
            var cells = evaluations.Select(entry => entry.Samples!.FirstOrDefault(sample => sample.Prompt == prompt)?.Text);
            var heading = $"<th colspan=\"{evaluations.Length}\"><span>{Chart.Escape(prompt)}</span></th>";
            rows.Append(CultureInfo.InvariantCulture, $"<tr class=\"prompt\">{heading}</tr>");
            rows.Append("<tr>").AppendJoin("", cells.Select(Said)).Append("</tr>");
        }

        var table = $"<table class=\"samples\"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>";
        return $"<h2>Samples</h2><div class=\"scroll\" tabindex=\"0\">{table}</div>\n";
    }

    /// <summary>A young model may say line breaks and nothing else, which would be an empty cell, and a tall one.</summary>
    private static string Said(string? text) => string.IsNullOrWhiteSpace(text) && text is not null
        ? $"<td class=\"soft\">({(text.Length == 0 ? "nothing" : "only white space")})</td>"
        : $"<td><div>{Chart.Escape(text?.TrimEnd() ?? "")}</div></td>";

    /// <summary>What each session computed on; a run that was resumed has several.</summary>
    private static string Sessions(RunSummary run)
    {
        var begun = run.Entries.Where(entry => entry.Session is not null).ToArray();
        if (begun.Length == 0) return "";
        var rows = string.Concat(begun.Select(entry =>
        {
            var (session, peak) = (entry.Session!, entry.Session!.PeakGigaFlops is { } known ? $"{known:N0} GFLOP/s {entry.Session!.Units}" : "not measured");
            string[] cells = [$"{entry.Step:N0}", $"{session.Threads}", session.Kernels, peak, $"{session.OperationsPerToken / 1e6:N1} MFLOP"];
            return $"<tr>{string.Concat(cells.Select(cell => $"<td>{Chart.Escape(cell)}</td>"))}</tr>";
        }));
        const string head = "<tr><th>from step</th><th>threads</th><th>kernels</th><th>peak at the start</th><th>a token needs</th></tr>";
        return $"<h2>Sessions</h2><div class=\"scroll\"><table class=\"numbers\"><thead>{head}</thead><tbody>{rows}</tbody></table></div>\n";
    }
}
