using System.Text;
using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>
/// Runs beside each other as one HTML file that needs nothing else: their curves over steps, tokens or time, their figures, what differs.
/// </summary>
public static class ComparisonPage
{
    private const double Hour = 3600;

    /// <summary>Runs have colours of their own up to here; then the colours begin again.</summary>
    private static readonly string[] Styles = ["first", "second", "third", "fourth", "fifth", "sixth"];

    public static string Html(RunComparison comparison)
    {
        var body = new StringBuilder();
        foreach (var verdict in comparison.Verdicts) body.Append($"<p>{Chart.Escape(verdict.ToString())}</p>\n");
        body.Append(Choice(comparison.Runs));
        body.Append("<h2>Figures</h2>").Append(Table(comparison.Runs, RunFigures.Of(comparison.Runs).Select(row => (row.Name, row.Values))));
        var settings = comparison.Settings.Select(row => (row.Name, row.Values));
        if (comparison.Settings.Count > 0) body.Append("<h2>Settings that differ</h2>").Append(Table(comparison.Runs, settings));
        return ReportPage.Wide(string.Join(", ", comparison.Runs.Select(run => run.Name)), body.ToString());
    }

    /// <summary>The same charts over three axes, one of them shown: a page without a script would do as well.</summary>
    private static string Choice(IReadOnlyList<RunSummary> runs)
    {
        var longest = runs.Max(run => run.Seconds);
        var (unit, seconds) = longest < 2 * Hour ? ("minutes", 60.0) : ("hours", Hour);
        (string Name, string Axis, Func<MetricsEntry, double> X)[] axes =
        [
            ("by step", "step", entry => entry.Step),
            ("by tokens", "tokens", entry => entry.Tokens),
            ("by time", unit, entry => Math.Round(entry.Seconds / seconds, 3)),
        ];
        var buttons = axes.Select((axis, i) =>
        {
            var chosen = i == 0 ? " checked=\"checked\"" : "";
            return $"<input type=\"radio\" name=\"axis\" id=\"axis{i}\"{chosen}/><label for=\"axis{i}\">{axis.Name}</label>";
        });
        var charts = axes.Select(axis => $"<div class=\"charts\">{string.Concat(Charts(runs, axis.Axis, axis.X))}</div>");
        return $"<div class=\"choice\">{string.Concat(buttons)}{string.Concat(charts)}</div>\n";
    }

    private static IEnumerable<string> Charts(IReadOnlyList<RunSummary> runs, string axis, Func<MetricsEntry, double> x)
    {
        Series[] Curves(Func<MetricsEntry, double?> y, bool smooth = false) =>
        [
            .. from one in runs.Index()
               let curve = Series.Of(one.Item.Entries, one.Item.Name, Styles[one.Index % Styles.Length], x, y)
               select smooth ? curve.Smoothed(curve.Span, curve.Name, curve.Style) : curve,
        ];
        var over = axis == "step" ? "" : $", over {axis}";
        yield return Chart.Svg($"Loss, smoothed (nats a token{over})", Curves(entry => entry.Loss, smooth: true), axis);
        yield return Chart.Svg($"Held-out text (bits per byte{over})", Curves(entry => entry.BitsPerByte), axis);
        yield return Chart.Svg($"Learning rate{over}", Curves(entry => entry.LearningRate), axis);
        yield return Chart.Svg($"Gradient norm, smoothed{over}", Curves(entry => entry.GradientNorm, smooth: true), axis);
        yield return Chart.Svg($"Speed (tokens a second{over})", Curves(entry => entry.TokensPerSecond), axis);
        yield return Chart.Svg($"Memory (MB resident{over})", Curves(entry => entry.MemoryMegabytes), axis);
    }

    private static string Table(IReadOnlyList<RunSummary> runs, IEnumerable<(string Name, IReadOnlyList<string?> Values)> rows)
    {
        var head = string.Concat(runs.Select(run => $"<th>{Chart.Escape(run.Name)}</th>"));
        var body = string.Concat(rows.Select(row => $"<tr>{string.Concat(row.Values.Prepend(row.Name).Select(cell => $"<td>{Chart.Escape(cell ?? "-")}</td>"))}</tr>"));
        return $"<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>\n";
    }
}
