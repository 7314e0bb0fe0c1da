using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.Text;

/// <summary>
/// .NET's regular expressions see UTF-16 units; a tokenizer's mean code points. A character beyond the basic plane is
/// matched through a stand-in of its own category, and the matches are carried back. A range of code points sees the stand-in.
/// </summary>
internal static class CodePointShape
{
    /// <exception cref="InvalidDataException">The expression takes too long on this text.</exception>
    public static void Matches(Regex regex, ReadOnlySpan<char> text, List<(int Start, int Length, bool IsMatch)> pieces)
    {
        var shape = text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : Shape(text);
        var (done, at) = (0, 0);
        try
        {
            foreach (var match in regex.EnumerateMatches(shape))
            {
                var start = at + Width(text[at..], match.Index - done);
                var length = Width(text[start..], match.Length);
                if (start > at)
                    pieces.Add((at, start - at, false));
                if (length > 0)
                    pieces.Add((start, length, true));
                (done, at) = (match.Index + match.Length, start + length);
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException($"the split pattern '{regex}' takes too long on a text of {text.Length} characters; use a model with another one.", error);
        }

        if (at < text.Length)
            pieces.Add((at, text.Length - at, false));
    }

    private static string Shape(ReadOnlySpan<char> text)
    {
        var shape = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            shape.Append(rune.IsBmp ? (char)rune.Value : StandIn(rune));
        return shape.ToString();
    }

    private static int Width(ReadOnlySpan<char> text, int characters)
    {
        var at = 0;
        for (; characters > 0; characters--)
            at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        return at;
    }

    private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\u0100',
        UnicodeCategory.LowercaseLetter => '\u0101',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u4E00',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0661',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.OtherPunctuation => '\u2020',
        UnicodeCategory.OtherSymbol => '\u263A',
        UnicodeCategory.MathSymbol => '\u2200',
        _ => '\uE000',
    };
}
