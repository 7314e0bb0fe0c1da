using System.Globalization;
using System.Text;

namespace Parley.Text;

/// <summary>What the split patterns ask of a code point: its general category, in groups, and whether it is white space.</summary>
[Flags]
internal enum CharacterClass : ushort
{
    /// <summary>Behind the end of the text.</summary>
    None = 0,
    Letter = 1,
    Number = 2,
    Space = 4,
    Mark = 8,
    Punctuation = 16,
    Symbol = 32,
    Other = 64,

    /// <summary>Lu and Lt, besides <see cref="Letter"/>.</summary>
    Upper = 128,

    /// <summary>Ll, besides <see cref="Letter"/>.</summary>
    Lower = 256,

    /// <summary>Half of a pair: the class is that of both halves together.</summary>
    Surrogate = 512,
}

/// <summary>Character classes by position in UTF-16 text: one look-up for the basic plane, the rune's category beyond it.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] BasicPlane = [.. Enumerable.Range(0, 0x10000).Select(unit => OfUnit((char)unit))];

    public static CharacterClass Of(ReadOnlySpan<char> text, int at, out int width)
    {
        width = 1;
        if ((uint)at >= (uint)text.Length)
            return CharacterClass.None;
        var kind = BasicPlane[text[at]];
        if (kind != CharacterClass.Surrogate)
            return kind;
        return Rune.DecodeFromUtf16(text[at..], out var rune, out width) == System.Buffers.OperationStatus.Done
            ? OfCategory(Rune.GetUnicodeCategory(rune))
            : CharacterClass.Other;
    }

    public static CharacterClass Of(ReadOnlySpan<char> text, int at) => Of(text, at, out _);

    public static bool Is(ReadOnlySpan<char> text, int at, CharacterClass kinds) => (Of(text, at) & kinds) != 0;

    /// <summary>The end of the run of characters of these classes that starts here.</summary>
    public static int Run(ReadOnlySpan<char> text, int at, CharacterClass kinds)
    {
        while ((Of(text, at, out var width) & kinds) != 0)
            at += width;
        return at;
    }

    /// <summary>The same for at most so many characters.</summary>
    public static int Run(ReadOnlySpan<char> text, int at, CharacterClass kinds, int most)
    {
        for (; most > 0 && (Of(text, at, out var width) & kinds) != 0; most--)
            at += width;
        return at;
    }

    private static CharacterClass OfUnit(char unit) =>
        char.IsSurrogate(unit) ? CharacterClass.Surrogate
        : char.IsWhiteSpace(unit) ? CharacterClass.Space
        : OfCategory(CharUnicodeInfo.GetUnicodeCategory(unit));

    private static CharacterClass OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Letter | CharacterClass.Upper,
        UnicodeCategory.LowercaseLetter => CharacterClass.Letter | CharacterClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
        >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
        >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol => CharacterClass.Symbol,
        _ => CharacterClass.Other,
    };
}
