using Parley.Corpus.Generators;
using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Tests;

public sealed class TinyWorldTests
{
    private static readonly IReadOnlyList<TinyWorldQuestion> HeldOut = TinyWorld.Questions(TinyWorldSplit.HeldOut, 500, seed: 7);

    [Fact]
    public void No_held_out_question_or_scene_occurs_in_training()
    {
        var asked = HeldOut.Select(question => question.Question).ToHashSet(StringComparer.Ordinal);
        var scenes = HeldOut.Where(question => question.Context.Length > 0).Select(question => Scene(question.Context)).ToHashSet(StringComparer.Ordinal);
        var turns = TinyWorld.Dialogues(seed: 7, 20_000).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)
            .Concat(TinyWorld.Documents(seed: 7, 5_000).SelectMany(document => document.Text.Split('\n'))).ToArray();
        Assert.True(scenes.Count > 100);
        Assert.DoesNotContain(turns, asked.Contains);
        Assert.DoesNotContain(turns.Select(Scene), scenes.Contains);
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
        Assert.Equal(["doing", "echo", "number", "opposite", "things"], HeldOut.Select(question => question.Family).Distinct().Order());
    }

    /// <summary>An answer must follow from its facts: what is said of someone or something was said before.</summary>
    [Fact]
    public void Answers_follow_from_the_facts() => Assert.All(HeldOut.Where(question => question.Context.Length > 0), question =>
    {
        var words = question.Answer.TrimEnd('.').Split(' ');
        Assert.Equal(3, words.Length);
        Assert.Contains($"{words[1]} {words[2]}", question.Context, StringComparison.Ordinal);
        Assert.Contains(words[1], question.Ask, StringComparison.Ordinal);
    });

    [Fact]
    public void Dialogues_alternate_and_end_with_an_answer() => Assert.All(TinyWorld.Dialogues(1, 300), dialogue =>
    {
        Assert.True(dialogue.Messages.Count % 2 == 0);
        Assert.All(dialogue.Messages.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
    });

    private static string Texts(ulong seed) => string.Join('|', TinyWorld.Documents(seed, 30).Select(document => document.Text)
        .Concat(TinyWorld.Dialogues(seed, 30).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)));

    // What a turn tells before it asks, in one order.
    private static string Scene(string turn) => string.Join(' ', turn.Split('.')[0]
        .Split([": ", "Now ", ", ", " and "], StringSplitOptions.RemoveEmptyEntries).Where(part => part.Contains(' ', StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
