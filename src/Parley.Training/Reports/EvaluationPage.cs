using System.Globalization;
using System.Text;
using Parley.Training.Evaluation.Results;

namespace Parley.Training.Reports;

/// <summary>
/// Evaluations as one HTML file that needs nothing else: a bar with its 95% interval for every proportion, several models beside each
/// other, and under it all numbers with what they depend on.
/// </summary>
public static class EvaluationPage
{
    private const int Width = 720, Left = 190, Right = 90, BarHeight = 14, Gap = 10, Top = 8, Foot = 26;

    private const string BarStyle = """
        rect.first { fill: var(--first); } rect.second { fill: var(--second); } rect.faint { fill: var(--faint); } .whisker { stroke: var(--ink); stroke-width: 1.4; }
        """;

    private static readonly string[] Styles = ["first", "second", "faint"];

    /// <param name="results">One for each model, at least one; colours repeat after three.</param>
    public static string Html(params IReadOnlyList<EvaluationResult> results)
    {
        ArgumentOutOfRangeException.ThrowIfZero(results.Count);
        var title = "Evaluation of " + string.Join(", ", results.Select(result => result.Model));
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Chart.Escape(title)}</title><style>{ReportPage.Style}{BarStyle}</style></head>");
        html.Append(CultureInfo.InvariantCulture, $"<body><h1>{Chart.Escape(title)}</h1>\n{Bars(results)}");
        foreach (var result in results) html.Append(Numbers(result));
        html.Append("</body></html>\n");
        return html.ToString();
    }

    private static string Bars(IReadOnlyList<EvaluationResult> results)
    {
        var groups = results.SelectMany((result, model) => Proportions(result).Select(entry => (entry.Label, entry.Metric, Model: model)))
            .GroupBy(entry => entry.Label, StringComparer.Ordinal).ToArray();
        if (groups.Length == 0) return "";
        var height = Top + Foot + groups.Sum(group => (group.Count() * BarHeight) + Gap);
        var axis = new Axis(0, 1, Left, Width - Right, 5);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>Right answers, 95% intervals{Legend(results)}</figcaption>");
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Right answers\">");
        foreach (var (value, label) in axis.Ticks())
        {
            var x = Pixel(axis, value);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"{Top}\" y2=\"{height - Foot}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{height - 8}\" text-anchor=\"middle\">{label}</text>");
        }

        var y = Top + (Gap / 2);
        foreach (var group in groups)
        {
            var middle = y + (group.Count() * BarHeight / 2);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{middle}\" dy=\"4\" text-anchor=\"end\">{Chart.Escape(group.Key)}</text>");
            foreach (var (_, metric, model) in group)
            {
                AppendBar(svg, axis, metric, Styles[model % Styles.Length], y);
                y += BarHeight;
            }

            y += Gap;
        }

        return svg.Append("</svg></figure>\n").ToString();
    }

    private static void AppendBar(StringBuilder svg, Axis axis, MetricResult metric, string style, int y)
    {
        var (low, high, middle) = (Pixel(axis, metric.Low), Pixel(axis, metric.High), y + (BarHeight / 2));
        var width = (axis.Pixel(metric.Value) - Left).ToString("0.##", CultureInfo.InvariantCulture);
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Left}\" y=\"{y + 1}\" width=\"{width}\" height=\"{BarHeight - 2}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{low}\" x2=\"{high}\" y1=\"{middle}\" y2=\"{middle}\"/>");
        foreach (var end in new[] { low, high })
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{end}\" x2=\"{end}\" y1=\"{middle - 3}\" y2=\"{middle + 3}\"/>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right + 8}\" y=\"{middle}\" dy=\"4\">{metric.Value:P1} of {metric.Count}</text>");
    }

    private static string Numbers(EvaluationResult result)
    {
        var rows = string.Concat(result.Tasks.SelectMany(task => task.Metrics.Count > 0 ? task.Metrics.Select(metric => Row(task, metric)) : [Row(task, null)]));
        const string head = "<thead><tr><th>task</th><th>metric</th><th>value (95%)</th><th>questions, prompt, file</th></tr></thead>";
        var past = $"weights {result.WeightsId}, tokenizer {result.TokenizerHash}, arithmetic {result.Arithmetic}, cache {result.CacheType}, seed {result.Seed}";
        return $"<h2>{Chart.Escape(result.Model)}</h2><p>{Chart.Escape(past)}</p><table>{head}<tbody>{rows}</tbody></table>\n";
    }

    private static string Row(TaskResult task, MetricResult? metric)
    {
        string[] cells =
        [
            task.Name,
            metric?.Name ?? "skipped",
            metric is null
                ? task.Skipped ?? ""
                : string.Create(CultureInfo.InvariantCulture, $"{metric.Value:0.####} ({metric.Low:0.####} to {metric.High:0.####})"),
            $"{task.Questions} of {task.QuestionsInFile}, {task.Shots} shots, {task.PromptVersion}, file {task.FileSha256[..Math.Min(12, task.FileSha256.Length)]}",
        ];
        return "<tr>" + string.Concat(cells.Select(cell => $"<td>{Chart.Escape(cell)}</td>")) + "</tr>";
    }

    private static IEnumerable<(string Label, MetricResult Metric)> Proportions(EvaluationResult result) =>
        from task in result.Tasks
        from metric in task.Metrics
        where metric.IsHigherBetter
        select ($"{task.Name} {metric.Name}", metric);

    private static string Legend(IReadOnlyList<EvaluationResult> results) => results.Count < 2 ? "" : string.Concat(
        results.Select((result, model) => $" <span class=\"{Styles[model % Styles.Length]}\">{Chart.Escape(result.Model)}</span>"));

    private static string Pixel(Axis axis, double value) => axis.Pixel(value).ToString("0.##", CultureInfo.InvariantCulture);
}
