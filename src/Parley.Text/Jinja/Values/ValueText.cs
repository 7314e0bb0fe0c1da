namespace Parley.Text.Jinja;

/// <summary>A value as text: what printing it gives (Python's str) and what it looks like inside a list (repr).</summary>
internal static class ValueText
{
    /// <summary>Text that was computed from a number is not followed to where the number came from.</summary>
    public static MarkedText Of(JinjaValue value, Meter meter)
    {
        if (value is JinjaString text)
            return text.Value;
        if (value is JinjaUndefined)
            return new("", TextOrigin.Template);
        var output = new MarkedTextBuilder(meter);
        WriteRepr(value, output, meter);
        return output.ToText();
    }

    public static MarkedText Repr(JinjaValue value, Meter meter)
    {
        var output = new MarkedTextBuilder(meter);
        WriteRepr(value, output, meter);
        return output.ToText();
    }

    private static void WriteRepr(JinjaValue value, MarkedTextBuilder output, Meter meter)
    {
        meter.Step();
        meter.Enter();
        switch (value)
        {
            case JinjaString text:
                PythonText.Quote(text.Value, output);
                break;
            case JinjaList list:
                WriteList(list, output, meter);
                break;
            case JinjaMap map:
                WriteMap(map, output, meter);
                break;
            default:
                output.Append(Scalar(value), TextOrigin.Foreign);
                break;
        }

        meter.Leave();
    }

    private static void WriteList(JinjaList list, MarkedTextBuilder output, Meter meter)
    {
        output.Append(list.IsTuple ? "(" : "[", list.Origin);
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                output.Append(", ", list.Origin);
            WriteRepr(list.Items[i], output, meter);
        }

        if (list is { IsTuple: true, Items.Count: 1 })
            output.Append(",", list.Origin);
        output.Append(list.IsTuple ? ")" : "]", list.Origin);
    }

    private static void WriteMap(JinjaMap map, MarkedTextBuilder output, Meter meter)
    {
        output.Append("{", map.Origin);
        var first = true;
        foreach (var (key, value) in map.Items)
        {
            if (!first)
                output.Append(", ", map.Origin);
            first = false;
            WriteRepr(key, output, meter);
            output.Append(": ", map.Origin);
            WriteRepr(value, output, meter);
        }

        output.Append("}", map.Origin);
    }

    private static string Scalar(JinjaValue value) => value switch
    {
        JinjaNone => "None",
        JinjaBool boolean => boolean.Value ? "True" : "False",
        JinjaInt integer => PythonText.Integer(integer.Value),
        JinjaFloat real => PythonText.Float(real.Value),
        JinjaUndefined => "Undefined",
        JinjaFunction function => $"<function {function.Name}>",
        _ => $"<{value.TypeName} object>",
    };
}
