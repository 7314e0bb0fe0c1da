namespace Parley.Text;

/// <summary>
/// One regular expression of a split pattern, written out as a scanner: exact, and linear in the text where a backtracking
/// engine need not be. Each names the expression it stands for. They know no vocabulary.
/// </summary>
/// <param name="words">What the expression does with plain words; known of those that match every character.</param>
internal abstract class SplitStage(AsciiWords words = AsciiWords.Unknown)
{
    /// <summary><c>[^\s\p{L}\p{N}]</c></summary>
    protected const CharacterClass Rest = CharacterClass.Mark | CharacterClass.Punctuation | CharacterClass.Symbol | CharacterClass.Other;

    /// <summary>True when the expression is known to match every character.</summary>
    public bool IsWhole => words != AsciiWords.Unknown;

    public AsciiWords Words => words;

    /// <summary>The same as <see cref="Match"/>, plain words first.</summary>
    public int Next(ReadOnlySpan<char> text, int at) =>
        IsWhole && text.Length - at >= AsciiWordScan.Width && AsciiWordScan.Length(words, AsciiWordScan.Load(text[at..])) is > 0 and var length ? length : Match(text, at);

    /// <summary>The length of the match that starts here; else, negative or 0, how many characters no match starts in.</summary>
    public abstract int Match(ReadOnlySpan<char> text, int at);

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>, or without its first part: the ends of all GPT patterns.</summary>
    protected static int MatchSpaces(ReadOnlySpan<char> text, int at, bool linesApart)
    {
        var end = CharacterClasses.Run(text, at, CharacterClass.Space);
        if (end == at)
            return -1;
        if (linesApart && text[at..end].LastIndexOfAny('\r', '\n') is >= 0 and var line)
            return line + 1;
        return end < text.Length && end - at > 1 ? end - at - 1 : end - at;
    }

    /// <summary><c> ?[kinds]+[tail]*</c>.</summary>
    protected static int MatchAfterSpace(ReadOnlySpan<char> text, int at, CharacterClass kinds, ReadOnlySpan<char> tail = default)
    {
        var start = text[at] == ' ' && CharacterClasses.Is(text, at + 1, kinds) ? at + 1 : at;
        var end = CharacterClasses.Run(text, start, kinds);
        if (end == start)
            return 0;
        while (end < text.Length && tail.Contains(text[end]))
            end++;
        return end - at;
    }

    /// <summary><c>'s|'t|'re|'ve|'m|'ll|'d</c>, ASCII case ignored if so wished; 0 when there is none.</summary>
    protected static int MatchContraction(ReadOnlySpan<char> text, int at, bool ignoreCase)
    {
        if (at + 1 >= text.Length || text[at] != '\'')
            return 0;
        var fold = ignoreCase ? 0x20 : 0;
        var first = (char)(text[at + 1] | fold);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (at + 2 >= text.Length)
            return 0;
        return (first, (char)(text[at + 2] | fold)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    protected static int WidthAt(ReadOnlySpan<char> text, int at)
    {
        CharacterClasses.Of(text, at, out var width);
        return width;
    }
}
