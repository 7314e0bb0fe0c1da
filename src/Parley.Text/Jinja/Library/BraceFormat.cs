using System.Globalization;

namespace Parley.Text.Jinja;

/// <summary>str.format with plain fields: {}, {0}, {name}. Attributes, conversions and format specifications are refused.</summary>
internal static class BraceFormat
{
    public static JinjaValue Apply(in MarkedText format, Arguments arguments, Meter meter)
    {
        var output = new MarkedTextBuilder(meter);
        var text = format.Text;
        var next = 0;
        for (var i = 0; i < text.Length;)
        {
            var stop = text.AsSpan(i).IndexOfAny('{', '}');
            stop = stop < 0 ? text.Length : i + stop;
            output.Append(format.Slice(i, stop - i));
            if (stop == text.Length)
                break;
            if (stop + 1 < text.Length && text[stop + 1] == text[stop])
            {
                output.Append(format.Slice(stop, 1));
                i = stop + 2;
                continue;
            }

            meter.Step(1 + arguments.Named.Count);
            var close = text[stop] == '{' ? text.IndexOf('}', stop) : -1;
            if (close < 0)
                throw new JinjaFault("the format has a single brace; double it to mean the letter");
            output.Append(ValueText.Of(Field(text[(stop + 1)..close], ref next, arguments), meter));
            i = close + 1;
        }

        return output.ToText();
    }

    private static JinjaValue Field(string field, ref int next, Arguments arguments)
    {
        if (field.Length == 0)
            field = (next++).ToString(CultureInfo.InvariantCulture);
        if (int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return index < arguments.Positional.Count ? arguments.Positional[index] : throw new JinjaFault($"the format has no argument {index}");
        foreach (var (name, value) in arguments.Named)
        {
            if (name == field)
                return value;
        }

        throw new JinjaFault($"the format field '{{{field}}}' is not supported, or no such argument was passed");
    }
}
