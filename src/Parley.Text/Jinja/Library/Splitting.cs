namespace Parley.Text.Jinja;

/// <summary>str.split and its relatives.</summary>
internal static class Splitting
{
    public static JinjaList Split(in MarkedText text, Arguments arguments, Meter meter, bool fromEnd)
    {
        var bound = arguments.Bind("sep", "maxsplit");
        var most = arguments.Count(bound[1], "maxsplit", -1);
        var parts = bound[0] is null or JinjaNone
            ? Words(text, most, fromEnd, meter)
            : At(text, arguments.Text(bound[0], "sep").Text, most, fromEnd, meter);
        return new JinjaList(parts);
    }

    /// <summary>Without the line break that ends each, unless asked; a last empty line is none.</summary>
    public static List<JinjaValue> Lines(in MarkedText text, bool keepEnds, Meter meter)
    {
        var lines = new List<JinjaValue>();
        var start = 0;
        while (start < text.Length)
        {
            var end = text.Text.AsSpan(start).IndexOfAny("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");
            end = end < 0 ? text.Length : start + end;
            var next = end + (end + 1 < text.Length && text.Text[end] == '\r' && text.Text[end + 1] == '\n' ? 2 : 1);
            next = Math.Min(next, text.Length);
            Add(lines, text, start, keepEnds ? next : end, meter);
            start = next;
        }

        return lines;
    }

    public static JinjaList Partition(in MarkedText text, Arguments arguments, Meter meter, bool fromEnd)
    {
        var separator = arguments.Text(arguments.Single("sep"), "sep");
        if (separator.Length == 0)
            throw new JinjaFault("the separator is empty");
        meter.Search(text.Length, separator.Length);
        var at = fromEnd ? text.Text.LastIndexOf(separator.Text, StringComparison.Ordinal) : text.Text.IndexOf(separator.Text, StringComparison.Ordinal);
        if (at < 0)
            return fromEnd ? JinjaList.Tuple(new JinjaString(""), new JinjaString(""), text) : JinjaList.Tuple(text, new JinjaString(""), new JinjaString(""));
        meter.Text(text.Length);
        var behind = at + separator.Length;
        return JinjaList.Tuple(text.Slice(0, at), separator, text.Slice(behind, text.Length - behind));
    }

    private static List<JinjaValue> At(in MarkedText text, string separator, int most, bool fromEnd, Meter meter)
    {
        if (separator.Length == 0)
            throw new JinjaFault("the separator is empty");
        meter.Search(text.Length, separator.Length);
        return fromEnd ? AtFromEnd(text, separator, most, meter) : AtFromStart(text, separator, most, meter);
    }

    private static List<JinjaValue> AtFromStart(in MarkedText text, string separator, int most, Meter meter)
    {
        var parts = new List<JinjaValue>();
        var start = 0;
        for (; most != 0; most--)
        {
            var at = text.Text.IndexOf(separator, start, StringComparison.Ordinal);
            if (at < 0)
                break;
            Add(parts, text, start, at, meter);
            start = at + separator.Length;
        }

        Add(parts, text, start, text.Length, meter);
        return parts;
    }

    private static List<JinjaValue> AtFromEnd(in MarkedText text, string separator, int most, Meter meter)
    {
        var parts = new List<JinjaValue>();
        var end = text.Length;
        for (; most != 0; most--)
        {
            var at = text.Text.AsSpan(0, end).LastIndexOf(separator);
            if (at < 0)
                break;
            Add(parts, text, at + separator.Length, end, meter);
            end = at;
        }

        Add(parts, text, 0, end, meter);
        parts.Reverse();
        return parts;
    }

    private static List<JinjaValue> Words(in MarkedText text, int most, bool fromEnd, Meter meter)
    {
        var words = new List<(int Start, int End)>();
        for (var at = 0; at < text.Length; at++)
        {
            var start = at;
            while (at < text.Length && !PythonText.IsSpace(text.Text[at]))
                at++;
            if (at > start)
                words.Add((start, at));
        }

        meter.Elements(words.Count);
        if (most >= 0 && words.Count > most + 1L)
            Merge(words, most, fromEnd, text);
        var parts = new List<JinjaValue>(words.Count);
        foreach (var (start, end) in words)
            Add(parts, text, start, end, meter);
        return parts;
    }

    // Past the most splits the rest stays whole, with the white space inside and at its far end.
    private static void Merge(List<(int Start, int End)> words, int most, bool fromEnd, in MarkedText text)
    {
        if (fromEnd)
        {
            words[^(most + 1)] = (0, words[^(most + 1)].End);
            words.RemoveRange(0, words.Count - most - 1);
        }
        else
        {
            words[most] = (words[most].Start, text.Length);
            words.RemoveRange(most + 1, words.Count - most - 1);
        }
    }

    private static void Add(List<JinjaValue> parts, in MarkedText text, int start, int end, Meter meter)
    {
        meter.Elements(2);
        meter.Text(end - start);
        parts.Add(text.Slice(start, end - start));
    }
}
