namespace Parley.Text;

/// <summary><c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c></summary>
internal sealed class Gpt2Stage() : SplitStage(AsciiWords.Letters)
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        if (MatchContraction(text, at, ignoreCase: false) is > 0 and var contraction)
            return contraction;
        var start = text[at] == ' ' && CharacterClasses.Is(text, at + 1, Rest | CharacterClass.Letter | CharacterClass.Number) ? at + 1 : at;
        var kind = CharacterClasses.Of(text, start);
        if ((kind & CharacterClass.Space) != 0)
            return MatchSpaces(text, at, linesApart: false);
        var kinds = (kind & CharacterClass.Letter) != 0 ? CharacterClass.Letter : (kind & CharacterClass.Number) != 0 ? CharacterClass.Number : Rest;
        return CharacterClasses.Run(text, start, kinds) - at;
    }
}

/// <summary>
/// GPT-4's pattern: <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
/// </summary>
/// <param name="digits">The n.</param>
/// <param name="marks">Qwen 3.5's: marks go with the letters, and not with the rest.</param>
internal sealed class Gpt4Stage(int digits, bool marks = false) : SplitStage(AsciiWords.Letters)
{
    private readonly CharacterClass _letters = CharacterClass.Letter | (marks ? CharacterClass.Mark : CharacterClass.None);

    public override int Match(ReadOnlySpan<char> text, int at)
    {
        if (MatchContraction(text, at, ignoreCase: true) is > 0 and var contraction)
            return contraction;
        var kind = CharacterClasses.Of(text, at, out var width);
        if ((kind & _letters) != 0)
            return CharacterClasses.Run(text, at, _letters) - at;
        if ((kind & CharacterClass.Number) != 0)
            return CharacterClasses.Run(text, at, CharacterClass.Number, digits) - at;
        if (text[at] is not ('\r' or '\n') && CharacterClasses.Is(text, at + width, _letters))
            return CharacterClasses.Run(text, at + width, _letters) - at;
        var rest = MatchAfterSpace(text, at, Rest & ~_letters, "\r\n");
        return rest > 0 ? rest : MatchSpaces(text, at, linesApart: true);
    }
}

/// <summary>
/// GPT-4o's and Mistral's (tekken) pattern, where case changes end a word: <c>[^\r\n\p{L}\p{N}]?U*W+c?|[^\r\n\p{L}\p{N}]?U+W*c?|\p{N}{1,n}|
/// ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
/// </summary>
/// <param name="digits">The n.</param>
/// <param name="contractions">Whether c is <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c> (GPT-4o) or nothing (tekken).</param>
/// <param name="asciiCase">
/// llama.cpp's reading: U is every letter but a-z and W every letter but A-Z. Otherwise U is <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c> and W
/// <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>, as the tokenizer.json of these models says.
/// </param>
internal sealed class CasedStage(int digits, bool contractions, bool asciiCase) : SplitStage(AsciiWords.Capitalised)
{
    public override int Match(ReadOnlySpan<char> text, int at)
    {
        var kind = CharacterClasses.Of(text, at, out var width);
        var hasPrefix = (kind & (CharacterClass.Letter | CharacterClass.Number)) == 0 && text[at] is not ('\r' or '\n');
        if (hasPrefix && Closing(text, at + width) is >= 0 and var closingAfter)
            return WithContraction(text, closingAfter) - at;
        if (Closing(text, at) is >= 0 and var closing)
            return WithContraction(text, closing) - at;
        if (hasPrefix && Opening(text, at + width) is >= 0 and var openingAfter)
            return WithContraction(text, openingAfter) - at;
        if (Opening(text, at) is >= 0 and var opening)
            return WithContraction(text, opening) - at;

        if ((kind & CharacterClass.Number) != 0)
            return CharacterClasses.Run(text, at, CharacterClass.Number, digits) - at;
        var rest = MatchAfterSpace(text, at, Rest, "\r\n/");
        return rest > 0 ? rest : MatchSpaces(text, at, linesApart: true);
    }

    // U*W+: the end, or -1. Where no W follows the run of U, it ends at the last character of the run that is W too.
    private int Closing(ReadOnlySpan<char> text, int start)
    {
        var end = -1;
        var at = start;
        while (IsUpper(text, at, out var width))
        {
            if (IsLower(text, at, out _))
                end = at + width;
            at += width;
        }

        if (!IsLower(text, at, out _))
            return end;
        while (IsLower(text, at, out var width))
            at += width;
        return at;
    }

    // U+W*, asked for only where U*W+ fails, so that W* is empty.
    private int Opening(ReadOnlySpan<char> text, int start)
    {
        var at = start;
        while (IsUpper(text, at, out var width))
            at += width;
        return at > start ? at : -1;
    }

    private int WithContraction(ReadOnlySpan<char> text, int at) => contractions ? at + MatchContraction(text, at, ignoreCase: true) : at;

    private bool IsUpper(ReadOnlySpan<char> text, int at, out int width)
    {
        var kind = CharacterClasses.Of(text, at, out width);
        return asciiCase
            ? (kind & CharacterClass.Letter) != 0 && text[at] is not (>= 'a' and <= 'z')
            : (kind & (CharacterClass.Letter | CharacterClass.Mark)) != 0 && (kind & CharacterClass.Lower) == 0;
    }

    private bool IsLower(ReadOnlySpan<char> text, int at, out int width)
    {
        var kind = CharacterClasses.Of(text, at, out width);
        return asciiCase
            ? (kind & CharacterClass.Letter) != 0 && text[at] is not (>= 'A' and <= 'Z')
            : (kind & (CharacterClass.Letter | CharacterClass.Mark)) != 0 && (kind & CharacterClass.Upper) == 0;
    }
}
