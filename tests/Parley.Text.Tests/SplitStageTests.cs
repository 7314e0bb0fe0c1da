using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

/// <summary>Every scanner against the regular expression that it is written for, run by .NET's own engine.</summary>
public sealed class SplitStageTests
{
    private static readonly string[] Fragments =
    [
        "'s", "'S", "'ll", "'LL", "'Re", "'x", "the", "The", "HELLO", "iPhone", "éÀ", "ÀÉa", "ÉA", "ǅ", "ʰ", " ", "  ", "\n", "\r\n", "\t", "\u3000", "\u00A0", "\u0085",
        "1", "12", "1234", "٣٤", "½", "!", "...", "—", "$+", "~", "^|`", "<=", "/", "_", "中文", "한글", "กำ", "क्ष", "\u0301", "a\u0301", "\u200D", "😀", "𝒜", "𐐀𐐨", "\0", "\uE000",
    ];

    public static TheoryData<string> Expressions =>
    [
        SplitExpressions.Gpt2, SplitExpressions.Llama3, SplitExpressions.Qwen2, SplitExpressions.Qwen35, SplitExpressions.MiniCpm, SplitExpressions.Gpt4o, SplitExpressions.Tekken,
        SplitExpressions.Gpt4oOfLlamaCpp, SplitExpressions.TekkenOfLlamaCpp, SplitExpressions.Digit, SplitExpressions.Digits, SplitExpressions.ThreeDigits,
        SplitExpressions.ThreeAsciiDigits, SplitExpressions.LineBreak, SplitExpressions.Lines, SplitExpressions.TrailingSpaces, SplitExpressions.LettersAfterSpace,
        SplitExpressions.PunctuationAfterSpace, SplitExpressions.FalconPunctuation, SplitExpressions.DefaultPunctuation, SplitExpressions.DeepSeekChinese,
        SplitExpressions.DeepSeek3Chinese, SplitExpressions.DeepSeekPunctuation, SplitExpressions.DeepSeek3,
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void A_scanner_cuts_as_its_expression_does(string expression)
    {
        // The tokenizers' $ is the end and nothing else; their ranges hold no white space, and no stand-in for what lies beyond the basic plane.
        var regex = new Regex(expression.Replace("\\s+$", "\\s+\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
        var ranges = expression is SplitExpressions.DeepSeekPunctuation or SplitExpressions.DeepSeekChinese or SplitExpressions.DeepSeek3Chinese;
        var fragments = ranges ? Fragments.Where(fragment => fragment != "\u3000" && !fragment.Any(char.IsSurrogate)) : Fragments;
        Prop.ForAll(Gen.Elements(fragments).ListOf().Select(list => string.Concat(list)).ToArbitrary(), text =>
        {
            var expected = new List<(int, int, bool)>();
            CodePointShape.Matches(regex, text, expected);
            return SplitExpressions.Step(expression).Cut(text).SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>The letters of DeepSeek's list, which no general category states, and the pair halves beyond the basic plane.</summary>
    [Fact]
    public void DeepSeeks_letters_are_its_list()
    {
        var step = SplitExpressions.Step(SplitExpressions.DeepSeekLetters);
        Assert.Equal([(0, 6, true), (6, 1, false), (7, 4, true), (11, 1, false)], step.Cut("aΩé𐐀Ж1 ḀὍz中"));
    }

    /// <summary>Long runs of whatever makes a backtracking engine go over them again and again.</summary>
    [Theory]
    [InlineData(" ", "a")]
    [InlineData("\n \t", "x")]
    [InlineData("A", "a")]
    [InlineData("ÉA", "1")]
    [InlineData("\u0301", "A")]
    [InlineData("'", "s")]
    [InlineData("7", "x")]
    [InlineData("!", "\n")]
    public void Long_runs_cost_their_length(string run, string end)
    {
        var text = string.Concat(Enumerable.Repeat(run, 100_000)) + end;
        foreach (var pattern in GgufPreTokenizer.Patterns)
        {
            var length = 0;
            WordSplitter.Split(pattern, text, word => length += word.Length);
            Assert.Equal(text.Length, length);
        }
    }

    [Theory]
    [InlineData(SplitBehavior.Isolated, false, "a|-|b|-|-|c")]
    [InlineData(SplitBehavior.Removed, false, "a|b|c")]
    [InlineData(SplitBehavior.Removed, true, "-|-|-")]
    [InlineData(SplitBehavior.MergedWithPrevious, false, "a-|b-|-|c")]
    [InlineData(SplitBehavior.MergedWithNext, false, "a|-b|-|-c")]
    [InlineData(SplitBehavior.Contiguous, false, "a|-|b|--|c")]
    public void Matches_become_what_the_behaviour_says(object behavior, bool inverted, string expected)
    {
        var words = new List<string>();
        WordSplitter.Split(new SplitPattern(null, SplitStep.FromText("-", (SplitBehavior)behavior, inverted)), "a-b--c", word => words.Add(word.ToString()));
        Assert.Equal(expected, string.Join('|', words));
    }

    [Fact]
    public void An_unknown_expression_sees_code_points()
    {
        var words = new List<string>();
        WordSplitter.Split(SplitPattern.FromText(@"\p{Lu}.|x"), "𐐀😀x1", word => words.Add(word.ToString()));
        Assert.Equal(["𐐀😀", "x", "1"], words);
    }

    [Theory]
    [InlineData(@"[^\r\n\p{L}]?+\p{L}+|x", @"(?>[^\r\n\p{L}]?)\p{L}+|x")]
    [InlineData(@"a++(?i:'s|t)*+", @"(?>a+)(?>(?i:'s|t)*)")]
    [InlineData(@"\p{N}{1,3}+[\]+]+\+++", @"(?>\p{N}{1,3})[\]+]+(?>\++)")]
    [InlineData(@"(?=a)b?c+", @"(?=a)b?c+")]
    public void Possessive_quantifiers_become_atomic_groups(string pattern, string expected) => Assert.Equal(expected, PossessiveQuantifiers.Rewrite(pattern));

    /// <summary>GPT-4's original expression, of which Llama 3's differs at line ends only.</summary>
    [Fact]
    public void Possessive_expressions_cut_as_they_should()
    {
        var words = new List<string>();
        var pattern = SplitPattern.FromText(@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+");
        WordSplitter.Split(pattern, "I've 12345 !!\n\n  ok", word => words.Add(word.ToString()));
        Assert.Equal(["I", "'ve", " ", "123", "45", " !!\n\n", " ", " ok"], words);
    }
}
