using System.Globalization;
using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>Filters over single values: defaults, numbers, JSON.</summary>
internal static class ValueFilters
{
    private const int LongestNumber = 300;

    public static IEnumerable<KeyValuePair<string, Func<FilterInput, JinjaValue>>> All { get; } = new Dictionary<string, Func<FilterInput, JinjaValue>>(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["tojson"] = ToJson,
        ["int"] = ToInteger,
        ["float"] = ToFloat,
        ["abs"] = Absolute,
        ["round"] = Round,
    };

    private static JinjaValue Default(FilterInput input)
    {
        var bound = input.Arguments.Bind("default_value", "boolean");
        var missing = input.Value is JinjaUndefined || ((bound[1]?.IsTrue ?? false) && !input.Value.IsTrue);
        return missing ? bound[0] ?? new JinjaString("") : input.Value;
    }

    private static JinjaValue ToJson(FilterInput input)
    {
        var bound = input.Arguments.Bind("indent", "ensure_ascii", "separators", "sort_keys");
        var indent = bound[0] switch
        {
            null or JinjaNone => null,
            JinjaString text => text.Text,
            var width => Padding.Pad(default, input.Arguments.Count(width, "indent", 0), new(" ", TextOrigin.Template), 0, input.Meter).Text,
        };
        var separators = bound[2] is null or JinjaNone ? null : Sequences.Items(bound[2]!, input.Meter);
        if (separators is not (null or [JinjaString, JinjaString]))
            throw new JinjaFault("'separators' of tojson must be two strings");
        var between = separators is null ? (indent is null ? ", " : ",") : ((JinjaString)separators[0]).Text;
        var behindKey = separators is null ? ": " : ((JinjaString)separators[1]).Text;
        return new JsonText(input.Meter, indent, between, behindKey, bound[1]?.IsTrue ?? false, bound[3]?.IsTrue ?? false).Write(input.Value);
    }

    private static JinjaValue ToInteger(FilterInput input)
    {
        var bound = input.Arguments.Bind("default", "base");
        var otherwise = input.Value is JinjaUndefined ? throw NoNumber(input) : bound[0] ?? 0;
        if (Number.Integer(input.Value) is { } integer)
            return new JinjaInt(integer);
        if (input.Value is JinjaFloat real)
            return double.IsFinite(real.Value) ? new JinjaInt(new BigInteger(real.Value)) : otherwise;
        if (input.Value is not JinjaString { Text.Length: <= LongestNumber } text)
            return otherwise;
        if (input.Arguments.Count(bound[1], "base", 10) == 16)
            return FromHexadecimal(text.Text.Trim()) is { } value ? new JinjaInt(value) : otherwise;
        if (BigInteger.TryParse(text.Text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed))
            return new JinjaInt(parsed);
        return ParseFloat(text.Text) is { } number && double.IsFinite(number) ? new JinjaInt(new BigInteger(number)) : otherwise;
    }

    private static BigInteger? FromHexadecimal(string text)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return BigInteger.TryParse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && digits.Length > 0 ? value : null;
    }

    private static JinjaValue ToFloat(FilterInput input)
    {
        var otherwise = input.Arguments.Bind("default")[0] ?? new JinjaFloat(0);
        return input.Value switch
        {
            JinjaString { Text.Length: <= LongestNumber } text => ParseFloat(text.Text) is { } value ? new JinjaFloat(value) : otherwise,
            JinjaUndefined => throw NoNumber(input),
            var number when Number.Is(number) => new JinjaFloat(Number.Float(number)),
            _ => otherwise,
        };
    }

    private static double? ParseFloat(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static JinjaValue Absolute(FilterInput input) => input.Value switch
    {
        JinjaFloat real => new JinjaFloat(Math.Abs(real.Value)),
        var value when Number.Integer(value) is { } integer => new JinjaInt(BigInteger.Abs(integer)),
        _ => throw NoNumber(input),
    };

    private static JinjaValue Round(FilterInput input)
    {
        var bound = input.Arguments.Bind("precision", "method");
        var precision = input.Arguments.Count(bound[0], "precision", 0);
        if (precision is < -300 or > 300)
            throw new JinjaFault("'precision' of round must lie between -300 and 300");
        var method = bound[1] is null ? "common" : input.Arguments.Text(bound[1], "method").Text;
        if (!Number.Is(input.Value))
            throw NoNumber(input);
        if (method == "common")
            return input.Value is JinjaFloat real ? new JinjaFloat(Common(real.Value, precision)) : WholeRounded(Number.Integer(input.Value)!.Value, precision);
        var factor = Math.Pow(10, precision);
        var scaled = Number.Float(input.Value) * factor;
        return new JinjaFloat(method switch
        {
            "floor" => Math.Floor(scaled),
            "ceil" => Math.Ceiling(scaled),
            _ => throw new JinjaFault("'method' of round must be 'common', 'ceil' or 'floor'"),
        } / factor);
    }

    // The decimal digits of the number decide, and a tie goes to the even one: 2.675 lies below its digits, 0.5 does not.
    private static double Common(double value, int precision)
    {
        if (!double.IsFinite(value) || precision > 15)
            return value;
        if (precision <= 0)
        {
            var power = Math.Pow(10, -precision);
            return Math.Round(value / power, MidpointRounding.ToEven) * power;
        }

        return Math.Abs(value) < 1e15 ? (double)Math.Round((decimal)new BigInteger(value) + ExactFraction(value), precision, MidpointRounding.ToEven) : value;
    }

    private static decimal ExactFraction(double value) =>
        decimal.Parse((value - Math.Truncate(value)).ToString("F28", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static JinjaInt WholeRounded(BigInteger value, int precision)
    {
        if (precision >= 0)
            return new JinjaInt(value);
        var power = BigInteger.Pow(10, -precision);
        var quotient = BigInteger.DivRem(value, power, out var remainder);
        var doubled = BigInteger.Abs(remainder) * 2;
        if (doubled > power || (doubled == power && !quotient.IsEven))
            quotient += value.Sign;
        return new JinjaInt(quotient * power);
    }

    private static JinjaFault NoNumber(FilterInput input) =>
        new((input.Value as JinjaUndefined)?.Reason ?? $"{input.Arguments.Function} needs a number, not {input.Value.TypeName}");
}
