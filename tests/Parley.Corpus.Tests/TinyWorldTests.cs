using Parley.Corpus.Generators;
using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Tests;

public sealed class TinyWorldTests
{
    private static readonly IReadOnlyList<TinyWorldQuestion> HeldOut = TinyWorld.Questions(TinyWorldSplit.HeldOut, 500, seed: 7);

    [Fact]
    public void No_held_out_question_occurs_in_training()
    {
        var asked = HeldOut.Select(question => question.Question).ToHashSet(StringComparer.Ordinal);
        var turns = TinyWorld.Dialogues(seed: 7, 20_000).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)
            .Concat(TinyWorld.Documents(seed: 7, 5_000).SelectMany(document => document.Text.Split('\n', '.', '?').Select(line => line.Trim()))).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(asked, turns.Contains);
        Assert.DoesNotContain(asked.Select(question => question.TrimEnd('.', '?')), turns.Contains);
    }

    [Fact]
    public void Facts_told_in_another_order_are_the_same_scene()
    {
        string[] facts = ["Anna has a red kite.", "Ben has a blue drum."];
        Assert.Equal(SceneFamilies.SplitOf(facts), SceneFamilies.SplitOf([facts[1], facts[0]]));
    }

    [Fact]
    public void Equal_seeds_give_equal_worlds_and_others_do_not()
    {
        Assert.Equal(Texts(3), Texts(3));
        Assert.NotEqual(Texts(3), Texts(4));
        Assert.Equal(HeldOut.Take(50), TinyWorld.Questions(TinyWorldSplit.HeldOut, 50, seed: 7));
    }

    [Fact]
    public void Questions_are_different_and_of_every_family()
    {
        Assert.Equal(HeldOut.Count, HeldOut.Select(question => question.Question).Distinct().Count());
        Assert.Equal(["before", "echo", "next", "opposite", "parity", "ten"], HeldOut.Select(question => question.Family).Distinct().Order());
    }

    [Theory]
    [InlineData("next", 1)]
    [InlineData("before", -1)]
    [InlineData("ten", 10)]
    public void Numbers_are_right(string family, int step) => Assert.All(HeldOut.Where(question => question.Family == family), question =>
    {
        var asked = Numbers(question.Ask).Single();
        Assert.Equal([asked, asked + step], Numbers(question.Answer));
    });

    [Fact]
    public void Parity_is_right() => Assert.All(
        HeldOut.Where(question => question.Family == "parity"),
        question => Assert.EndsWith(Numbers(question.Ask).Single() % 2 == 0 ? "even." : "odd.", question.Answer, StringComparison.Ordinal));

    [Fact]
    public void Dialogues_alternate_and_end_with_an_answer() => Assert.All(TinyWorld.Dialogues(1, 300), dialogue =>
    {
        Assert.True(dialogue.Messages.Count % 2 == 0);
        Assert.All(dialogue.Messages.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
    });

    private static string Texts(ulong seed) => string.Join('|', TinyWorld.Documents(seed, 30).Select(document => document.Text)
        .Concat(TinyWorld.Dialogues(seed, 30).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)));

    private static int[] Numbers(string text) =>
        [.. text.Split(' ', ',', '.', '?').Where(word => word.Length > 0 && word.All(char.IsAsciiDigit)).Select(int.Parse)];
}
