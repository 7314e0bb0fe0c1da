using System.Globalization;
using System.Text;

namespace Parley.Host.Telemetry;

/// <summary>The tags of one measurement as Prometheus writes them between braces: sorted, escaped. Equal tags are equal, whatever their order.</summary>
internal readonly record struct TagSet
{
    public TagSet(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var sorted = tags.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var text = new StringBuilder();
        foreach (var (key, value) in sorted)
        {
            text.Append(text.Length > 0 ? "," : "").Append(PrometheusText.Name(key)).Append("=\"").Append(Escape(value)).Append('"');
        }

        Text = text.ToString();
    }

    public string Text { get; }

    private static string Escape(object? value) =>
        (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "").Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
