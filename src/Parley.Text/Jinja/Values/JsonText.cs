using System.Globalization;

namespace Parley.Text.Jinja;

/// <summary>Values as JSON the way Python's json.dumps writes it, with the keys in their order: what <c>tojson</c> gives.</summary>
internal sealed class JsonText(Meter meter, string? indent, string itemSeparator, string keySeparator, bool onlyAscii, bool sortKeys)
{
    private readonly MarkedTextBuilder _output = new(meter);
    private int _level;

    public MarkedText Write(JinjaValue value)
    {
        WriteValue(value);
        return _output.ToText();
    }

    private void WriteValue(JinjaValue value)
    {
        meter.Step();
        meter.Enter();
        switch (value)
        {
            case JinjaString text:
                WriteString(text.Value);
                break;
            case JinjaList list:
                WriteAll(list.Items, "[", "]", list.Origin, WriteValue);
                break;
            case JinjaMap map:
                IEnumerable<KeyValuePair<JinjaValue, JinjaValue>> pairs = map.Items;
                pairs = sortKeys ? pairs.OrderBy(pair => Key(pair.Key).Text, StringComparer.Ordinal) : pairs;
                WriteAll([.. pairs], "{", "}", map.Origin, pair => WritePair(pair, map.Origin));
                break;
            default:
                _output.Append(Scalar(value), TextOrigin.Foreign);
                break;
        }

        meter.Leave();
    }

    private void WriteAll<T>(List<T> items, string open, string close, TextOrigin origin, Action<T> write)
    {
        _output.Append(open, origin);
        _level++;
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _output.Append(itemSeparator, origin);
            NewLine(origin);
            write(items[i]);
        }

        _level--;
        if (items.Count > 0)
            NewLine(origin);
        _output.Append(close, origin);
    }

    private void WritePair(KeyValuePair<JinjaValue, JinjaValue> pair, TextOrigin origin)
    {
        WriteString(Key(pair.Key));
        _output.Append(keySeparator, origin);
        WriteValue(pair.Value);
    }

    private void NewLine(TextOrigin origin)
    {
        if (indent is null)
            return;
        _output.Append("\n", origin);
        for (var i = 0; i < _level; i++)
            _output.Append(indent, origin);
    }

    private void WriteString(in MarkedText value)
    {
        var text = value.Text;
        _output.Append("\"", value.Origin);
        var done = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (Escape(text[i]) is not { } escaped)
                continue;
            meter.Step(); // a text that is escaped again and again doubles each time
            _output.Append(value.Slice(done, i - done)).Append(escaped, value.OriginAt(i));
            done = i + 1;
        }

        _output.Append(value.Slice(done, text.Length - done)).Append("\"", value.Origin);
    }

    private string? Escape(char letter) => letter switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        '\f' => @"\f",
        '\b' => @"\b",
        < ' ' => Code(letter),
        > '~' when onlyAscii => Code(letter),
        _ => null,
    };

    private static string Code(char letter) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");

    private static MarkedText Key(JinjaValue key) => key is JinjaString text ? text.Value : new(Scalar(key), TextOrigin.Foreign);

    private static string Scalar(JinjaValue value) => value switch
    {
        JinjaNone => "null",
        JinjaBool boolean => boolean.Value ? "true" : "false",
        JinjaInt integer => PythonText.Integer(integer.Value),
        JinjaFloat { Value: double.NaN } => "NaN",
        JinjaFloat real when double.IsInfinity(real.Value) => real.Value > 0 ? "Infinity" : "-Infinity",
        JinjaFloat real => PythonText.Float(real.Value),
        _ => throw new JinjaFault($"a value of type {value.TypeName} cannot be written as JSON."),
    };
}
