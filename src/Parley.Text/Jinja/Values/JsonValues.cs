using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Parley.Text.Jinja;

/// <summary>JSON to values, keys in their order, numbers in full: what a template sees of its input. All of it carries an origin.</summary>
internal static class JsonValues
{
    private const int LongestInteger = 300;

    public static JinjaValue Read(JsonElement json, TextOrigin origin)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JinjaMap(origin);
                foreach (var property in json.EnumerateObject())
                    map.Items[Text(property.Name, origin)] = Read(property.Value, origin);
                return map;
            case JsonValueKind.Array:
                return new JinjaList([.. json.EnumerateArray().Select(item => Read(item, origin))], origin: origin);
            case JsonValueKind.String:
                return Text(json.GetString()!, origin);
            case JsonValueKind.Number:
                return ReadNumber(json.GetRawText());
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                return JinjaNone.Value;
        }
    }

    public static JinjaString Text(string text, TextOrigin origin) => new(new MarkedText(text, origin));

    private static JinjaValue ReadNumber(string digits) =>
        digits.Length <= LongestInteger && digits.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? new JinjaInt(BigInteger.Parse(digits, CultureInfo.InvariantCulture))
            : new JinjaFloat(double.Parse(digits, CultureInfo.InvariantCulture));
}
