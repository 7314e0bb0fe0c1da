using System.Globalization;
using System.Text;

namespace Parley.Host.Telemetry;

/// <summary>
/// The Prometheus text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). OpenTelemetry's names become
/// Prometheus' by its own rule: dots to underscores, the unit as suffix, _total behind counters; vLLM's names are already in that form.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IReadOnlyList<CollectedInstrument> instruments)
    {
        var text = new StringBuilder();
        foreach (var instrument in instruments)
        {
            var name = FullName(instrument);
            var type = instrument.Kind switch { SeriesKind.Counter or SeriesKind.Total => "counter", SeriesKind.Histogram => "histogram", _ => "gauge" };
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Instrument.Description}\n# TYPE {name} {type}\n");
            foreach (var series in instrument.Series)
            {
                Write(text, name, series, instrument.Kind);
            }
        }

        return text.ToString();
    }

    /// <summary>Letters, digits, underscores and colons.</summary>
    public static string Name(string name) =>
        string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] == ':' ? source[i] : '_';
            }
        });

    private static string FullName(CollectedInstrument instrument)
    {
        var name = Name(instrument.Instrument.Name);
        var unit = instrument.Instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        return instrument.Kind is SeriesKind.Counter or SeriesKind.Total && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static void Write(StringBuilder text, string name, Series series, SeriesKind kind)
    {
        var (value, count, buckets) = series.Read();
        if (kind != SeriesKind.Histogram)
        {
            Line(text, name, series.Tags.Text, value);
            return;
        }

        long below = 0;
        for (var i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            var bound = i < Series.Bounds.Length ? Series.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            var tags = series.Tags.Text;
            Line(text, name + "_bucket", $"{tags}{(tags.Length > 0 ? "," : "")}le=\"{bound}\"", below);
        }

        Line(text, name + "_sum", series.Tags.Text, value);
        Line(text, name + "_count", series.Tags.Text, count);
    }

    private static void Line(StringBuilder text, string name, string tags, double value) =>
        text.Append(name).Append(tags.Length > 0 ? "{" + tags + "}" : "").Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
}
