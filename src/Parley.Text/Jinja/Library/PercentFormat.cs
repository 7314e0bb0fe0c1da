using System.Globalization;
using System.Numerics;

namespace Parley.Text.Jinja;

/// <summary>The % operator on a string, and the filter format: %s %r %d %i %f %e %x %X %o %c %% with flags, width and precision.</summary>
internal static class PercentFormat
{
    private const int MostDecimals = 100;

    /// <param name="names">Where %(name)s looks; null: nowhere.</param>
    public static MarkedText Apply(in MarkedText format, IReadOnlyList<JinjaValue> values, JinjaMap? names, Meter meter)
    {
        meter.Step(format.Length >> 6);
        var output = new MarkedTextBuilder(meter);
        var (done, next) = (0, 0);
        for (var at = 0; (at = format.Text.IndexOf('%', at)) >= 0;)
        {
            output.Append(format.Slice(done, at - done));
            meter.Step();
            var field = Field.Read(format.Text, at + 1);
            if (field.Kind == '%')
                output.Append(format.Slice(field.End - 1, 1));
            else
                output.Append(Formatted(field, Value(field, values, ref next, names), meter));
            at = done = field.End;
        }

        if (names is null && next < values.Count)
            throw new JinjaFault("the format has fewer fields than there are values");
        return output.Append(format.Slice(done, format.Length - done)).ToText();
    }

    private static JinjaValue Value(Field field, IReadOnlyList<JinjaValue> values, ref int next, JinjaMap? names)
    {
        if (field.Name is { } name)
            return names?.Get(name) ?? throw new JinjaFault($"the format has no value '{name}'");
        return next < values.Count ? values[next++] : throw new JinjaFault("the format has more fields than there are values");
    }

    private static MarkedText Formatted(Field field, JinjaValue value, Meter meter)
    {
        var text = field.Kind switch
        {
            's' => Cut(ValueText.Of(value, meter), field.Precision),
            'r' => Cut(ValueText.Repr(value, meter), field.Precision),
            'c' when value is JinjaString letter && CodePoints.Count(letter.Text) == 1 => letter.Value,
            'd' or 'i' or 'u' or 'x' or 'X' or 'o' => new(Signed(field, Whole(field, value)), TextOrigin.Foreign),
            'f' or 'F' or 'e' when Number.Is(value) => new(Signed(field, Real(field, Number.Float(value))), TextOrigin.Foreign),
            _ => throw new JinjaFault($"%{field.Kind} cannot format a value of type {value.TypeName}"),
        };
        var zeros = field.Flags.Contains('0', StringComparison.Ordinal) && !field.Flags.Contains('-', StringComparison.Ordinal) && field.Kind is not ('s' or 'r' or 'c');
        if (zeros)
            return Padding.Zeros(text, field.Width, meter);
        return Padding.Pad(text, field.Width, new(" ", TextOrigin.Template), field.Flags.Contains('-', StringComparison.Ordinal) ? 0 : 1, meter);
    }

    private static MarkedText Cut(in MarkedText text, int? length) =>
        length < text.Length && length < CodePoints.Count(text.Text) ? text.Slice(0, CodePoints.Offset(text.Text, length.Value)) : text;

    private static string Signed(Field field, string number) => number.StartsWith('-') ? number
        : field.Flags.Contains('+', StringComparison.Ordinal) ? "+" + number
        : field.Flags.Contains(' ', StringComparison.Ordinal) ? " " + number : number;

    private static string Whole(Field field, JinjaValue value)
    {
        var number = Number.Integer(value)
            ?? (value is JinjaFloat { Value: var real } && double.IsFinite(real) && field.Kind is 'd' or 'i' or 'u' ? new BigInteger(Number.Float(value))
                : throw new JinjaFault($"%{field.Kind} cannot format a value of type {value.TypeName}"));
        if (field.Kind is 'd' or 'i' or 'u')
            return PythonText.Integer(number);
        var magnitude = BigInteger.Abs(number);
        var digits = field.Kind == 'o' ? Octal(magnitude) : magnitude.ToString(field.Kind == 'x' ? "x" : "X", CultureInfo.InvariantCulture).TrimStart('0');
        return (number.Sign < 0 ? "-" : "") + (digits.Length == 0 ? "0" : digits);
    }

    private static string Octal(BigInteger number)
    {
        var digits = "";
        for (; !number.IsZero; number >>= 3)
            digits = (char)('0' + (int)(number & 7)) + digits;
        return digits;
    }

    private static string Real(Field field, double value)
    {
        if (!double.IsFinite(value))
            return PythonText.Float(value);
        var precision = field.Precision ?? 6;
        var culture = CultureInfo.InvariantCulture;
        return field.Kind == 'e'
            ? value.ToString($"e{precision}", culture).Replace("e+0", "e+", StringComparison.Ordinal).Replace("e-0", "e-", StringComparison.Ordinal)
            : value.ToString($"F{precision}", culture);
    }

    /// <summary>One %-field: flags, width and precision as they stand in the format.</summary>
    private readonly record struct Field(string? Name, string Flags, int Width, int? Precision, char Kind, int End)
    {
        public static Field Read(string format, int at)
        {
            string? name = null;
            if (at < format.Length && format[at] == '(')
            {
                var close = format.IndexOf(')', at);
                if (close < 0)
                    throw new JinjaFault("a name in the format does not end");
                (name, at) = (format[(at + 1)..close], close + 1);
            }

            var flags = at;
            while (at < format.Length && format[at] is '-' or '+' or ' ' or '0' or '#')
                at++;
            var given = format[flags..at];
            var width = Digits(format, ref at) ?? 0;
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Math.Min(Digits(format, ref at) ?? 0, MostDecimals);
            }

            return at < format.Length
                ? new(name, given, width, precision, format[at], at + 1)
                : throw new JinjaFault("the format ends in the middle of a field");
        }

        private static int? Digits(string format, ref int at)
        {
            var start = at;
            while (at < format.Length && char.IsAsciiDigit(format[at]))
                at++;
            return at == start ? null : int.TryParse(format.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new JinjaFault("a width in the format is too large");
        }
    }
}
