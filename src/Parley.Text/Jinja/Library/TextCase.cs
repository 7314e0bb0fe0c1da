namespace Parley.Text.Jinja;

/// <summary>Upper and lower case, letter for letter; of the letters whose upper case is several only ß is known.</summary>
internal static class TextCase
{
    public static MarkedText Upper(in MarkedText text, Meter meter)
    {
        var upper = Map(text, meter, text.Text.ToUpperInvariant);
        return upper.Text.Contains('ß', StringComparison.Ordinal)
            ? StringMethods.Replace(upper, new("ß", TextOrigin.Foreign), new("SS", TextOrigin.Foreign), -1, meter)
            : upper;
    }

    public static MarkedText Lower(in MarkedText text, Meter meter) => Map(text, meter, text.Text.ToLowerInvariant);

    public static MarkedText Capitalize(in MarkedText text, Meter meter)
    {
        var all = text.Text;
        return Map(text, meter, () => all.Length == 0 ? "" : char.ToUpperInvariant(all[0]) + all[1..].ToLowerInvariant());
    }

    /// <summary>str.title: a letter after what is no letter is upper case.</summary>
    public static MarkedText Title(in MarkedText text, Meter meter) => Title(text, meter, previous => !char.IsLetter(previous));

    /// <summary>The filter title: a letter after white space, a hyphen or an opening bracket is upper case.</summary>
    public static MarkedText TitleWords(in MarkedText text, Meter meter) =>
        Title(text, meter, previous => PythonText.IsSpace(previous) || previous is '-' or '(' or '{' or '[' or '<');

    public static MarkedText Swap(in MarkedText text, Meter meter)
    {
        var all = text.Text;
        return Map(text, meter, () => string.Concat(all.Select(letter => char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter))));
    }

    private static MarkedText Title(in MarkedText text, Meter meter, Func<char, bool> begins)
    {
        var all = text.Text;
        return Map(text, meter, () => string.Create(all.Length, all, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = i == 0 || begins(source[i - 1]) ? char.ToUpperInvariant(source[i]) : char.ToLowerInvariant(source[i]);
        }));
    }

    private static MarkedText Map(in MarkedText text, Meter meter, Func<string> map)
    {
        meter.Text(text.Length);
        return text.With(map());
    }
}
