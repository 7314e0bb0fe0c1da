using System.Globalization;
using System.Text;

namespace Parley.Text;

/// <summary>
/// Cuts text into words by a <see cref="SplitPattern"/>, over code points: .NET's regular expressions see UTF-16 units, so
/// a character beyond the basic plane is matched through a stand-in of its own category. Pieces joined are the text.
/// </summary>
internal static class WordSplitter
{
    public delegate void WordAction(ReadOnlySpan<char> word);

    public static void Split(SplitPattern pattern, ReadOnlySpan<char> text, WordAction onWord)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0)
        {
            SplitBeyondBasicPlane(pattern, text, onWord);
            return;
        }

        var done = 0;
        foreach (var match in pattern.Regex.EnumerateMatches(text))
        {
            if (match.Index > done)
                onWord(text[done..match.Index]);
            if (match.Length > 0)
                onWord(text.Slice(match.Index, match.Length));
            done = match.Index + match.Length;
        }

        if (done < text.Length)
            onWord(text[done..]);
    }

    // Lone surrogates become U+FFFD first: what is encoded must have a UTF-8 form.
    private static void SplitBeyondBasicPlane(SplitPattern pattern, ReadOnlySpan<char> raw, WordAction onWord)
    {
        var text = new StringBuilder(raw.Length);
        var shape = new StringBuilder(raw.Length);
        foreach (var rune in raw.EnumerateRunes())
        {
            text.Append(rune);
            shape.Append(rune.IsBmp ? (char)rune.Value : StandIn(rune));
        }

        var whole = text.ToString();
        var at = 0;
        Split(pattern, shape.ToString(), word =>
        {
            var start = at;
            for (var i = 0; i < word.Length; i++)
                at += char.IsHighSurrogate(whole[at]) ? 2 : 1;
            onWord(whole.AsSpan(start, at - start));
        });
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
