using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Parley.Text.Tests;

/// <summary>
/// Encoding against its definition: .NET's regular expression cuts the text, and the listed merges are applied to strings one by one. No scanner, no key, no
/// cache, no table.
/// </summary>
public sealed class EncodingReferenceTests
{
    private static readonly string[] Fragments =
    [
        " the", "The", " internationalisation", "INTERNATIONAL", " iPhone's", "don't", "'LL", " ", "  ", "\n", "\r\n\r\n", "\t", "1", "12345", " 3.14", "!", "...", " —", "é", " café", "naïve",
        " Straße", " слово", "предложение", "中文字", "한국어", "😀", "𐐀𐐨", "a\u0301", "\u00FF", "\0", "\u0080", "ÿÿ", "\uD800", "\uDC00", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "_x_", "{}", "//",
    ];

    public static TheoryData<string> Expressions => [SplitExpressions.Gpt2, SplitExpressions.Llama3, SplitExpressions.Qwen2, SplitExpressions.Qwen35, SplitExpressions.Gpt4o, SplitExpressions.Tekken];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Fast_encoding_gives_the_ids_of_the_definition(string expression)
    {
        var regex = new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));
        var texts = Gen.Elements(Fragments).ListOf().Select(list => string.Concat(list));
        var cases = texts.SelectMany(learned => texts.SelectMany(text => Gen.Choose(259, 340).Select(size => (Learned: learned, Text: text, Size: size))));
        Prop.ForAll(cases.ToArbitrary(), sample =>
        {
            var options = new BpeTrainerOptions { VocabularySize = sample.Size, Pattern = SplitPattern.FromText(expression), MinFrequency = 1 };
            var tokenizer = new BpeTrainer().Train([sample.Learned], options);
            var text = sample.Text + sample.Learned + sample.Text; // the second time out of the cache
            return tokenizer.Encode(text).SequenceEqual(Define(tokenizer, regex, text));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Keys_are_words()
    {
        var characters = Gen.Elements("abz AZ09'\0\u007F\u0080\u00FF\u0100中\uFFFF".ToCharArray());
        Prop.ForAll(characters.ArrayOf().Select(list => new string(list)).ToArbitrary(), characters.ArrayOf(20).Select(list => new string(list)).ToArbitrary(), (word, tail) =>
        {
            var isShort = word.Length <= 7 || (word.Length <= 15 && Ascii.IsValid(word));
            var alone = WordKey.TryCreate(word, word.Length, out var key);
            var before = WordKey.TryCreate(word + tail, word.Length, out var same);
            return alone == isShort && before == isShort && key == same && (!isShort || key.Text() == word) && (word.Length == 0 || key != default);
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>More distinct words than the table takes at first, from several threads that push each other's words out.</summary>
    [Fact]
    public void Threads_that_crowd_the_table_get_right_ids()
    {
        var texts = Enumerable.Range(0, 4).Select(part => string.Join(' ', Enumerable.Range(0, 6000).Select(i => $"w{(char)('a' + part)}{Letters(i * 2654435761)}"))).ToArray();
        var expected = texts.Select(text => Fresh().Encode(text)).ToArray();
        var shared = Fresh();
        Parallel.For(0, 16, i => Assert.Equal(expected[i % 4], shared.Encode(texts[i % 4])));
    }

    private static BpeTokenizer Fresh() => BpeTokenizer.FromJson(SampleTokenizer.Instance.ToJson());

    private static string Letters(long number) => string.Create(4, number, (text, value) =>
    {
        for (var i = 0; i < text.Length; i++)
            (text[i], value) = ((char)('a' + (value % 26)), value / 26);
    });

    private static List<int> Define(BpeTokenizer tokenizer, Regex regex, string text)
    {
        var ranks = tokenizer.Merges.Index().ToDictionary(merge => merge.Item, merge => merge.Index, StringComparer.Ordinal);
        var ids = tokenizer.Tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // a lone surrogate is U+FFFD
        var pieces = new List<(int Start, int Length, bool IsMatch)>();
        CodePointShape.Matches(regex, whole, pieces);
        var result = new List<int>();
        foreach (var piece in pieces)
        {
            var symbols = Encoding.UTF8.GetBytes(whole.Substring(piece.Start, piece.Length)).Select(value => ByteAlphabet.Write([value])).ToList();
            while (symbols.Count > 1)
            {
                var best = Enumerable.Range(0, symbols.Count - 1).MinBy(i => (ranks.GetValueOrDefault($"{symbols[i]} {symbols[i + 1]}", int.MaxValue), i));
                if (!ranks.ContainsKey($"{symbols[best]} {symbols[best + 1]}"))
                    break;
                symbols[best] += symbols[best + 1];
                symbols.RemoveAt(best + 1);
            }

            result.AddRange(symbols.Select(symbol => ids[symbol]));
        }

        return result;
    }
}
