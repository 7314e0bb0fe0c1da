using System.Collections.Frozen;

namespace Parley.Text;

/// <summary>
/// The expressions that the families' tokenizers are split by, each with its scanner. The texts are those of the models'
/// tokenizer.json and of llama.cpp (src/llama-vocab.cpp), which states some in another way and two with another meaning.
/// </summary>
internal static class SplitExpressions
{
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Llama3 = Gpt4Words + @"\p{N}{1,3}" + Gpt4Rest;
    public const string Qwen2 = Gpt4Words + @"\p{N}" + Gpt4Rest;
    public const string MiniCpm = Gpt4Words + @"\p{N}+" + Gpt4Rest;

    public const string Qwen35 =
        Contraction + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Gpt4o = Prefix + Upper + "*" + Lower + "+" + Contraction + "?|" + Prefix + Upper + "+" + Lower + "*" + Contraction + @"?|\p{N}{1,3}" + CasedRest;
    public const string Tekken = Prefix + Upper + "*" + Lower + "+|" + Prefix + Upper + "+" + Lower + @"*|\p{N}" + CasedRest;

    public const string Gpt4oOfLlamaCpp =
        Prefix + NotLower + "*" + NotUpper + "+" + Contraction + "?|" + Prefix + NotLower + "+" + NotUpper + "*" + Contraction + @"?|\p{N}{1,3}" + CasedRest;

    public const string TekkenOfLlamaCpp = Prefix + NotLower + "*" + NotUpper + "+|" + Prefix + NotLower + "+" + NotUpper + @"*|\p{N}" + CasedRest;

    public const string Digit = @"\p{N}";
    public const string Digits = @"\p{N}+";
    public const string ThreeDigits = @"\p{N}{1,3}";
    public const string ThreeAsciiDigits = "[0-9][0-9][0-9]";
    public const string LineBreak = @"[\r\n]";
    public const string Lines = @"[^\n]+|[\n]+";
    public const string TrailingSpaces = @"\s+$";
    public const string LettersAfterSpace = @"\s?\p{L}+";
    public const string PunctuationAfterSpace = @"\s?\p{P}+";
    public const string FalconPunctuation = @"[\p{P}\$\+<=>\^~\|`]+";
    public const string DefaultPunctuation = @"[\p{P}\$\+<=>\^~\|]+";
    public const string DeepSeekChinese = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
    public const string DeepSeek3Chinese = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
    public const string DeepSeekPunctuation = "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
    public const string DeepSeekLetters = @"\s?[" + DeepSeekAlphabet + "]+";

    public const string DeepSeek3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Prefix = @"[^\r\n\p{L}\p{N}]?";
    private const string Gpt4Words = Contraction + "|" + Prefix + @"\p{L}+|";
    private const string Gpt4Rest = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string NotLower = @"((?=[\p{L}])([^a-z]))";
    private const string NotUpper = @"((?=[\p{L}])([^A-Z]))";
    private const string CasedRest = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string DeepSeekAlphabet =
        "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377" +
        "\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556" +
        "\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15" +
        "\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE" +
        "\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113" +
        "\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184" +
        "\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E" +
        "\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F\U000104B0-\U000104D3" +
        "\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2\U000118A0-\U000118DF\U0001E900-\U0001E943";

    private static readonly FrozenDictionary<string, SplitStage> Stages = new Dictionary<string, SplitStage>(StringComparer.Ordinal)
    {
        [Gpt2] = new Gpt2Stage(),
        [Llama3] = new Gpt4Stage(3),
        [Qwen2] = new Gpt4Stage(1),
        [MiniCpm] = new Gpt4Stage(int.MaxValue),
        [Qwen35] = new Gpt4Stage(1, marks: true),
        [Gpt4o] = new CasedStage(3, contractions: true, asciiCase: false),
        [Tekken] = new CasedStage(1, contractions: false, asciiCase: false),
        [Gpt4oOfLlamaCpp] = new CasedStage(3, contractions: true, asciiCase: true),
        [TekkenOfLlamaCpp] = new CasedStage(1, contractions: false, asciiCase: true),
        [Digit] = new ClassRunStage(CharacterClass.Number, most: 1),
        [Digits] = new ClassRunStage(CharacterClass.Number),
        [ThreeDigits] = new ClassRunStage(CharacterClass.Number, most: 3),
        [ThreeAsciiDigits] = new RangeRunStage([('0', '9')], most: 3, least: 3),
        [LineBreak] = new LineBreakStage(),
        [Lines] = new LineStage(),
        [TrailingSpaces] = new TrailingSpaceStage(),
        [LettersAfterSpace] = new ClassRunStage(CharacterClass.Letter, afterSpace: true),
        [PunctuationAfterSpace] = new ClassRunStage(CharacterClass.Punctuation, afterSpace: true),
        [FalconPunctuation] = new ClassRunStage(CharacterClass.Punctuation, more: "$+<=>^~|`"),
        [DefaultPunctuation] = new ClassRunStage(CharacterClass.Punctuation, more: "$+<=>^~|"),
        [DeepSeekChinese] = new RangeRunStage([(0x0800, 0x9FA5), (0xAC00, 0xD7FF)]),
        [DeepSeek3Chinese] = new RangeRunStage([(0x3040, 0x30FF), (0x4E00, 0x9FA5)]),
        [DeepSeekPunctuation] = new RangeRunStage(
            [('!', '/'), (':', '~'), (0x2018, 0x201F), (0x3000, 0x3002), (0xFF01, 0xFF0F), (0xFF1A, 0xFF5E)], afterSpace: true),
        [DeepSeekLetters] = new RangeRunStage(Ranges(DeepSeekAlphabet), afterSpace: true),
        [DeepSeek3] = new DeepSeek3Stage(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The scanner of a known expression, else null. Escaped and literal line ends are the same to it.</summary>
    public static SplitStage? Find(string text) =>
        Stages.GetValueOrDefault(text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));

    public static SplitStep Step(string text) => SplitStep.Known(text, Stages[text]);

    private static (int First, int Last)[] Ranges(string alphabet)
    {
        var ranges = new List<(int First, int Last)>();
        var open = false;
        foreach (var rune in alphabet.EnumerateRunes())
        {
            if (rune.Value == '-')
                open = true;
            else if (open)
                (ranges[^1], open) = ((ranges[^1].First, rune.Value), false);
            else
                ranges.Add((rune.Value, rune.Value));
        }

        return [.. ranges.OrderBy(range => range.First)];
    }
}
