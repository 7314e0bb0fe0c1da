using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Parley.Corpus.Generators;
using Parley.Corpus.Generators.SimpleDialogueTopics;

namespace Parley.Corpus.Tests;

/// <summary>What holds for every dialogue of a topic, whatever is drawn: sums, order, turns, pronouns.</summary>
public sealed partial class SimpleDialogueTopicTests
{
    [Fact]
    public void Every_sum_is_right() => ForAll(ArithmeticTopics.SumsInARow, draft => Assert.All(Answers(draft), CheckSum));

    [Fact]
    public void Every_product_is_right() => ForAll(ArithmeticTopics.Times, draft => Assert.All(Answers(draft), CheckSum));

    [Fact]
    public void Every_told_sum_is_right() => ForAll(ArithmeticTopics.Problem, draft => CheckSum(Answers(draft)[0].Split(", so")[0]));

    [Fact]
    public void Halves_and_doubles_are_right() => ForAll(ArithmeticTopics.HalfOrDouble, draft =>
    {
        var match = HalfPattern().Match(Answers(draft)[0]);
        var (of, result) = (Number(match.Groups[2].Value), Number(match.Groups[3].Value));
        Assert.Equal(match.Groups[1].Value == "Double" ? 2 * of : of / 2, result);
    });

    [Fact]
    public void The_larger_number_is_larger() => ForAll(ArithmeticTopics.Compare, draft =>
    {
        var match = ComparePattern().Match(Answers(draft)[0]);
        var (a, b) = (Number(match.Groups[2].Value), Number(match.Groups[4].Value));
        Assert.Equal(match.Groups[3].Value == "larger", a > b);
        if (match.Groups[1].Value is { Length: > 0 } verdict)
            Assert.Equal(verdict == "Yes, ", match.Groups[3].Value == "larger");
    });

    [Fact]
    public void Even_is_even() => ForAll(ArithmeticTopics.Parity, draft =>
    {
        var parts = Answers(draft)[0].TrimEnd('.').Split(' ');
        Assert.Equal(parts[3] == "even", Number(parts[1]) % 2 == 0);
        Assert.Equal(parts[0] == "Yes,", draft.Messages[0].Content.Contains(parts[3], StringComparison.OrdinalIgnoreCase));
    });

    [Fact]
    public void Sorted_words_are_the_same_words_in_order() => ForAll(LetterTopics.Sort, draft =>
    {
        var sorted = Answers(draft)[0].Split(", ");
        Assert.Equal(sorted.Order(StringComparer.Ordinal), sorted);
        Assert.Equal(sorted.Order(), draft.Messages[0].Content.Split(": ")[^1].Split(", ").Order());
    });

    [Fact]
    public void A_reversed_list_is_the_list_from_its_end() => ForAll(LetterTopics.Reverse, draft =>
        Assert.Equal(draft.Messages[0].Content.Split(": ")[^1].Split(", ").Reverse(), Answers(draft)[0].Split(", ")));

    [Fact]
    public void Letters_are_those_of_the_word() => ForAll(LetterTopics.Letter, draft =>
    {
        var match = LetterPattern().Match(Answers(draft)[0]);
        var word = match.Groups[2].Value;
        Assert.Equal(match.Groups[1].Value == "first" ? word[0] : word[^1], char.ToLowerInvariant(match.Groups[3].Value[0]));
    });

    [Fact]
    public void Stories_keep_to_one_pronoun_and_leave_no_brace() => ForAll(StoryTopic.Tell, draft =>
    {
        var story = Answers(draft)[0];
        Assert.DoesNotContain('{', story);
        Assert.InRange(Sentence().Count(story), 4, 13);
        Assert.False(Male().IsMatch(story) && Female().IsMatch(story), story);
    });

    [Fact]
    public void Every_topic_writes_whole_turns_for_every_number() => Assert.All(TopicMixture.Topics, topic => ForAll(topic.Write, draft =>
    {
        Assert.NotEmpty(draft.Messages);
        Assert.All(draft.Messages.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
        Assert.DoesNotContain(draft.Messages, message =>
            string.IsNullOrWhiteSpace(message.Content) || message.Content.AsSpan().IndexOfAny("{}|;") >= 0);
        Assert.All(Answers(draft), answer => Assert.DoesNotMatch(WrongArticle(), answer));
    }, tries: 60));

    [Theory]
    [InlineData(0, "zero")]
    [InlineData(13, "thirteen")]
    [InlineData(20, "twenty")]
    [InlineData(21, "twenty-one")]
    [InlineData(90, "ninety")]
    [InlineData(99, "ninety-nine")]
    [InlineData(100, "one hundred")]
    public void Numbers_have_their_words(int number, string words) => Assert.Equal(words, NumberWords.Of(number));

    private static void ForAll(Action<DialogueDraft> topic, Action<DialogueDraft> check, int tries = 300) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), number =>
        {
            var draft = new DialogueDraft(new CounterRandom(11, (ulong)number));
            topic(draft);
            check(draft);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(tries));

    private static string[] Answers(DialogueDraft draft) =>
        [.. draft.Messages.Where(message => message.Role == "assistant").Select(message => message.Content)];

    private static void CheckSum(string answer)
    {
        var match = SumPattern().Match(answer);
        Assert.True(match.Success, answer);
        var (a, b, result) = (Number(match.Groups[1].Value), Number(match.Groups[3].Value), Number(match.Groups[4].Value));
        Assert.Equal(match.Groups[2].Value switch { "plus" => a + b, "minus" => a - b, _ => a * b }, result);
        Assert.InRange(result, 0, 100);
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : Enumerable.Range(0, 101).Single(value => string.Equals(NumberWords.Of(value), text, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"^([\w -]+?) (plus|minus|times) ([\w -]+?) is ([\w -]+)\.?$", RegexOptions.None, 1000)]
    private static partial Regex SumPattern();

    [GeneratedRegex(@"^(Double|Half of) (\d+) is (\d+)\.$", RegexOptions.None, 1000)]
    private static partial Regex HalfPattern();

    [GeneratedRegex(@"^(Yes, |No, |)(\d+) is (larger|smaller) than (\d+)\.$", RegexOptions.None, 1000)]
    private static partial Regex ComparePattern();

    [GeneratedRegex(@"^The (first|last) letter of (\w+) is (\w)\.$", RegexOptions.None, 1000)]
    private static partial Regex LetterPattern();

    [GeneratedRegex(@"[.!?]", RegexOptions.None, 1000)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\b([Hh]e|[Hh]im|[Hh]is)\b", RegexOptions.None, 1000)]
    private static partial Regex Male();

    [GeneratedRegex(@"\b([Ss]he|[Hh]er)\b", RegexOptions.None, 1000)]
    private static partial Regex Female();

    [GeneratedRegex(@"\b([Aa] (?!uni|use|eu|one)[aeiou]|[Aa]n [bcdfgjklmnpqrstvwxz])\w+", RegexOptions.None, 1000)]
    private static partial Regex WrongArticle();
}
