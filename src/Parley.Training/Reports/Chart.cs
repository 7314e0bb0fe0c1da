using System.Globalization;
using System.Text;

namespace Parley.Training.Reports;

/// <summary>
/// One chart as inline SVG: axes, grid, curves, and the curves' numbers as JSON for the script that shows them under the pointer. It knows
/// coordinates and names, not training.
/// </summary>
internal static class Chart
{
    // Half a screen wide: two of them side by side on a desk, one on a phone, with letters that can be read on both.
    private const int Width = 480, Height = 260, Left = 58, Right = 14, Top = 12, Bottom = 30;
    private const int MostPoints = 600;

    /// <param name="title">What is drawn, and in which unit.</param>
    /// <param name="series">Curves; those without points are left out, and without any the chart is.</param>
    /// <param name="axis">What x counts.</param>
    public static string Svg(string title, IReadOnlyList<Series> series, string axis = "step")
    {
        var shown = series.Where(curve => curve.Points.Count > 0).Select(curve => curve.Thinned(MostPoints)).ToArray();
        var points = shown.SelectMany(curve => curve.Points).Where(point => double.IsFinite(point.Y)).ToArray();
        if (points.Length == 0) return "";
        var x = new Axis(points.Min(point => point.X), points.Max(point => point.X), Left, Width - Right, 5);
        var (low, high) = Span([.. points.Select(point => point.Y)]);
        var y = new Axis(low, high, Height - Bottom, Top, 5);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Escape(title)}{Legend(shown)}</figcaption>");
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(title)}\" data-axis=\"{Escape(axis)}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"data-x=\"{Number(x.Least)} {Number(x.Most)} {Left} {Width - Right}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"data-y=\"{Number(y.Least)} {Number(y.Most)} {Height - Bottom} {Top}\">");
        AppendGrid(svg, x, y);
        foreach (var curve in shown) AppendCurve(svg, curve, x, y);
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"at\" y1=\"{Top}\" y2=\"{Height - Bottom}\" x1=\"-9\" x2=\"-9\"/>");
        svg.Append("</svg><output></output></figure>\n");
        return svg.ToString();
    }

    public static string Escape(string text) => System.Net.WebUtility.HtmlEncode(text);

    /// <summary>
    /// The range of the y axis: the values, but of many not the few highest, or the first steps would flatten everything after them.
    /// </summary>
    private static (double Low, double High) Span(double[] values)
    {
        Array.Sort(values);
        var (low, high) = (values[0], values[(int)Math.Ceiling((values.Length - 1) * (values.Length < 100 ? 1 : 0.995))]);
        var margin = (high - low) * 0.05;
        return (low >= 0 ? Math.Max(0, low - margin) : low - margin, high + margin);
    }

    private static void AppendGrid(StringBuilder svg, Axis x, Axis y)
    {
        foreach (var (value, label) in y.Ticks())
        {
            var at = Number(y.Pixel(value));
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{at}\" dy=\"4\" text-anchor=\"end\">{label}</text>");
        }

        foreach (var (value, label) in x.Ticks())
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Number(x.Pixel(value))}\" y=\"{Height - 10}\" text-anchor=\"middle\">{label}</text>");
        }
    }

    private static void AppendCurve(StringBuilder svg, Series curve, Axis x, Axis y)
    {
        var finite = curve.Points.Where(point => double.IsFinite(point.Y)).ToArray();
        var path = string.Join(' ', finite.Select(point => $"{Number(x.Pixel(point.X))},{Number(y.Pixel(Math.Min(point.Y, y.Most)))}"));
        var json = string.Join(',', finite.Select(point => $"[{Exact(point.X)},{Exact(point.Y)}]"));
        if (finite is [var only])
        {
            var place = $"cx=\"{Number(x.Pixel(only.X))}\" cy=\"{Number(y.Pixel(only.Y))}\"";
            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{curve.Style}\" r=\"3\" {place}/>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{curve.Style}\" data-name=\"{Escape(curve.Name)}\" ");
        svg.Append(CultureInfo.InvariantCulture, $"data-points=\"[{json}]\" points=\"{path}\"/>");
    }

    /// <summary>One curve is what the title says.</summary>
    private static string Legend(Series[] series) => series.Length < 2 ? "" :
        string.Concat(series.Select(curve => $" <span class=\"{curve.Style}\">{Escape(curve.Name)}</span>"));

    private static string Number(double value) => value.ToString("0.##########", CultureInfo.InvariantCulture);

    private static string Exact(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
