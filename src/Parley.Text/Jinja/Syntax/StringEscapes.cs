using System.Globalization;
using System.Text;

namespace Parley.Text.Jinja;

/// <summary>Python's escapes in a string literal; an unknown one stays as it is written.</summary>
internal static class StringEscapes
{
    /// <exception cref="JinjaFault">An escape with too few digits, or one that names no character.</exception>
    public static string Read(ReadOnlySpan<char> literal, int position)
    {
        if (!literal.Contains('\\'))
            return literal.ToString();
        var text = new StringBuilder(literal.Length);
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] == '\\' && i + 1 < literal.Length)
                i += ReadOne(literal[(i + 1)..], text, position);
            else
                text.Append(literal[i]);
        }

        return text.ToString();
    }

    /// <summary>How many characters behind the backslash belong to the escape.</summary>
    private static int ReadOne(ReadOnlySpan<char> rest, StringBuilder text, int position)
    {
        switch (rest[0])
        {
            case '\n':
                return 1;
            case 'x':
                return ReadCode(rest, 2, text, position);
            case 'u':
                return ReadCode(rest, 4, text, position);
            case 'U':
                return ReadCode(rest, 8, text, position);
            case >= '0' and <= '7':
                return ReadOctal(rest, text);
        }

        const string names = "\\'\"abfnrtv", values = "\\'\"\a\b\f\n\r\t\v";
        var known = names.IndexOf(rest[0], StringComparison.Ordinal);
        if (known >= 0)
            text.Append(values[known]);
        else
            text.Append('\\').Append(rest[0]);
        return 1;
    }

    private static int ReadCode(ReadOnlySpan<char> rest, int digits, StringBuilder text, int position)
    {
        if (rest.Length <= digits || !int.TryParse(rest.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF)
            throw new JinjaFault($"the escape \\{rest[0]} needs {digits} hexadecimal digits that name a character.", position);
        if (code < 0x10000)
            text.Append((char)code);
        else
            text.Append(char.ConvertFromUtf32(code));
        return digits + 1;
    }

    private static int ReadOctal(ReadOnlySpan<char> rest, StringBuilder text)
    {
        var (value, length) = (0, 0);
        for (; length < Math.Min(3, rest.Length) && rest[length] is >= '0' and <= '7'; length++)
            value = (value * 8) + (rest[length] - '0');
        text.Append((char)value);
        return length;
    }
}
