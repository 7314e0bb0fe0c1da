namespace Parley.Text.Jinja;

/// <summary>Filters from text to text.</summary>
internal static class TextFilters
{
    public static IEnumerable<KeyValuePair<string, Func<FilterInput, JinjaValue>>> All { get; } = new Dictionary<string, Func<FilterInput, JinjaValue>>(StringComparer.Ordinal)
    {
        ["upper"] = input => TextCase.Upper(input.Text, input.Meter),
        ["lower"] = input => TextCase.Lower(input.Text, input.Meter),
        ["capitalize"] = input => TextCase.Capitalize(input.Text, input.Meter),
        ["title"] = input => TextCase.TitleWords(input.Text, input.Meter),
        ["string"] = input => input.Text,
        ["safe"] = input => input.Text,
        ["escape"] = Escape,
        ["e"] = Escape,
        ["forceescape"] = Escape,
        ["trim"] = Trim,
        ["replace"] = Replace,
        ["indent"] = Indent,
        ["center"] = input => Padding.Pad(
            input.Text, input.Arguments.Count(input.Arguments.Bind("width")[0], "width", 80), new(" ", TextOrigin.Template), 0.5, input.Meter),
        ["format"] = Format,
        ["truncate"] = Truncate,
        ["wordcount"] = CountWords,
    };

    private static JinjaValue Trim(FilterInput input)
    {
        var letters = input.Arguments.Bind("chars")[0];
        return StringMethods.Strip(
            input.Text, letters is null or JinjaNone ? null : input.Arguments.Text(letters, "chars").Text, atStart: true, atEnd: true, input.Meter);
    }

    private static JinjaValue Replace(FilterInput input)
    {
        var bound = input.Arguments.Bind("old", "new", "count");
        var old = ValueText.Of(bound[0] ?? throw input.Arguments.Missing("old"), input.Meter);
        var replacement = ValueText.Of(bound[1] ?? throw input.Arguments.Missing("new"), input.Meter);
        return StringMethods.Replace(input.Text, old, replacement, input.Arguments.Count(bound[2], "count", -1), input.Meter);
    }

    // Every line but the first is moved to the right; empty ones only when asked.
    private static JinjaValue Indent(FilterInput input)
    {
        var bound = input.Arguments.Bind("width", "first", "blank");
        var indentation = bound[0] is JinjaString given
            ? given.Value
            : Padding.Pad(default, input.Arguments.Count(bound[0], "width", 4), new(" ", TextOrigin.Template), 0, input.Meter);
        var (first, blank) = (bound[1]?.IsTrue ?? false, bound[2]?.IsTrue ?? false);
        var text = new MarkedTextBuilder(input.Meter).Append(input.Text).Append("\n", TextOrigin.Template).ToText();
        var output = new MarkedTextBuilder(input.Meter);
        var lines = Splitting.Lines(text, keepEnds: false, input.Meter);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = ((JinjaString)lines[i]).Value;
            if (i > 0)
                output.Append("\n", TextOrigin.Template);
            if (i == 0 ? first : blank || line.Length > 0)
                output.Append(indentation);
            output.Append(line);
        }

        return output.ToText();
    }

    private static JinjaValue Escape(FilterInput input)
    {
        var text = input.Text;
        foreach (var (letter, entity) in new[] { ("&", "&amp;"), (">", "&gt;"), ("<", "&lt;"), ("'", "&#39;"), ("\"", "&#34;") })
            text = StringMethods.Replace(text, new(letter, TextOrigin.Template), new(entity, TextOrigin.Foreign), -1, input.Meter);
        return text;
    }

    private static JinjaValue Format(FilterInput input)
    {
        if (input.Arguments.Named.Count == 0)
            return PercentFormat.Apply(input.Text, input.Arguments.Positional, null, input.Meter);
        var names = new JinjaMap();
        foreach (var (name, value) in input.Arguments.Named)
            names.Set(name, value);
        return PercentFormat.Apply(input.Text, [], names, input.Meter);
    }

    private static JinjaValue CountWords(FilterInput input)
    {
        var text = input.Text.Text;
        input.Meter.Step(text.Length >> 4);
        return Enumerable.Range(0, text.Length).Count(i => IsWord(text[i]) && (i == 0 || !IsWord(text[i - 1])));

        static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_';
    }

    private static JinjaValue Truncate(FilterInput input)
    {
        var bound = input.Arguments.Bind("length", "killwords", "end", "leeway");
        var length = Math.Max(0, input.Arguments.Count(bound[0], "length", 255));
        var end = bound[2] is null ? new("...", TextOrigin.Template) : input.Arguments.Text(bound[2], "end");
        var leeway = Math.Max(0, input.Arguments.Count(bound[3], "leeway", 5));
        var text = input.Text;
        if (CodePoints.Count(text.Text) <= (long)length + leeway)
            return text;
        var kept = text.Slice(0, CodePoints.Offset(text.Text, Math.Max(0, length - CodePoints.Count(end.Text))));
        if (!(bound[1]?.IsTrue ?? false) && kept.Text.LastIndexOf(' ') is > -1 and var space)
            kept = kept.Slice(0, space);
        return new MarkedTextBuilder(input.Meter).Append(kept).Append(end).ToText();
    }
}
