namespace Parley.Text;

/// <summary>A run of characters of some classes and of some more ASCII characters, such as <c>\p{N}</c>, <c>\p{N}{1,3}</c> or <c>[\p{P}$+]+</c>.</summary>
/// <param name="kinds">The classes.</param>
/// <param name="most">The longest run.</param>
/// <param name="more">Further characters.</param>
/// <param name="afterSpace">The expression begins with <c>\s?</c>.</param>
internal sealed class ClassRunStage(CharacterClass kinds, int most = int.MaxValue, string more = "", bool afterSpace = false) : SplitStage
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var start = afterSpace && CharacterClasses.Is(text, at, CharacterClass.Space) ? at + 1 : at;
        var end = start;
        for (var count = 0; count < most && end < text.Length && IsOne(text, end, out var width); count++)
            end += width;
        return end > start ? end - at : -WidthAt(text, at);
    }

    private bool IsOne(ReadOnlySpan<char> text, int at, out int width) =>
        (CharacterClasses.Of(text, at, out width) & kinds) != 0 || more.Contains(text[at], StringComparison.Ordinal);
}

/// <summary>A run of characters of some ranges, white space excepted, such as <c>\s?[A-Za-z]+</c>.</summary>
/// <param name="ranges">First and last, in order.</param>
/// <param name="most">The longest run.</param>
/// <param name="least">The shortest run.</param>
/// <param name="afterSpace">The expression begins with <c>\s?</c>.</param>
internal sealed class RangeRunStage((int First, int Last)[] ranges, int most = int.MaxValue, int least = 1, bool afterSpace = false) : SplitStage
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var start = afterSpace && CharacterClasses.Is(text, at, CharacterClass.Space) ? at + 1 : at;
        var end = start;
        var count = 0;
        for (; count < most && end < text.Length && IsOne(text, end, out var width); count++)
            end += width;
        return count >= least ? end - at : -WidthAt(text, at);
    }

    private bool IsOne(ReadOnlySpan<char> text, int at, out int width)
    {
        if ((CharacterClasses.Of(text, at, out width) & CharacterClass.Space) != 0)
            return false;
        var point = width == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (point < ranges[middle].First)
                high = middle - 1;
            else if (point > ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }
}

/// <summary><c>[\r\n]</c></summary>
internal sealed class LineBreakStage : SplitStage
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var skip = text[at..].IndexOfAny('\r', '\n');
        return skip == 0 ? 1 : skip > 0 ? -skip : at - text.Length;
    }
}

/// <summary><c>[^\n]+|[\n]+</c>: lines, and the breaks between them.</summary>
internal sealed class LineStage : SplitStage
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var length = text[at] == '\n' ? text[at..].IndexOfAnyExcept('\n') : text[at..].IndexOf('\n');
        return length < 0 ? text.Length - at : length;
    }
}

/// <summary><c>\s+$</c>: white space at the very end. A run that is not there is passed over whole, or it would cost its square.</summary>
internal sealed class TrailingSpaceStage : SplitStage
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var end = CharacterClasses.Run(text, at, CharacterClass.Space);
        return end == at ? -1 : end == text.Length ? end - at : at - end;
    }
}

/// <summary>
/// DeepSeek V3's main expression: <c>[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
/// </summary>
internal sealed class DeepSeek3Stage : SplitStage
{
    private const CharacterClass Word = CharacterClass.Letter | CharacterClass.Mark;
    private const CharacterClass Sign = CharacterClass.Punctuation | CharacterClass.Symbol;

    private static readonly System.Buffers.SearchValues<char> AsciiLetters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var kind = CharacterClasses.Of(text, at, out var width);
        if (char.IsAscii(text[at]) && (kind & Sign) != 0 && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]))
            return text[(at + 1)..].IndexOfAnyExcept(AsciiLetters) is >= 0 and var letters ? letters + 1 : text.Length - at;
        if ((kind & Word) != 0)
            return CharacterClasses.Run(text, at, Word) - at;
        if (text[at] is not ('\r' or '\n') && (kind & Sign) == 0 && CharacterClasses.Is(text, at + width, Word))
            return CharacterClasses.Run(text, at + width, Word) - at;
        var signs = MatchAfterSpace(text, at, Sign, "\r\n");
        return signs > 0 ? signs : (kind & CharacterClass.Space) != 0 ? MatchSpaces(text, at, linesApart: true) : -width;
    }
}
