using Parley.Corpus.Generators;
using Parley.Corpus.Generators.TinyWorlds;

namespace Parley.Corpus.Tests;

public sealed class TinyWorldTests
{
    private static readonly IReadOnlyList<TinyWorldQuestion> HeldOut = TinyWorld.Questions(TinyWorldSplit.HeldOut, 500, seed: 7);

    [Fact]
    public void No_held_out_question_or_fact_occurs_in_training()
    {
        var asked = HeldOut.Select(question => question.Question).ToHashSet(StringComparer.Ordinal);
        var facts = HeldOut.SelectMany(question => Sentences(question.Context)).Select(Plain).ToHashSet(StringComparer.Ordinal);
        var turns = TinyWorld.Dialogues(seed: 7, 5_000).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)
            .Concat(TinyWorld.Documents(seed: 7, 2_000).Select(document => document.Text)).ToArray();
        Assert.True(facts.Count > 40);
        Assert.DoesNotContain(turns, asked.Contains);
        Assert.DoesNotContain(turns.SelectMany(Sentences).Select(Plain), facts.Contains);
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
        Assert.Equal(["echo", "has", "list", "number", "opposite", "place"], HeldOut.Select(question => question.Family).Distinct().Order());
    }

    /// <summary>An answer must follow from its facts: what is said of someone or something was said before.</summary>
    [Fact]
    public void Answers_follow_from_the_facts()
    {
        foreach (var question in HeldOut.Where(question => question.Family == "place"))
        {
            var told = question.Answer.Split(", so ")[0].TrimEnd('.');
            Assert.Contains($"{told}.", question.Context, StringComparison.Ordinal);
            var denied = question.Answer.EndsWith("so no.", StringComparison.Ordinal);
            if (question.Ask.StartsWith("Is ", StringComparison.Ordinal))
                Assert.Equal(!denied, question.Context.Contains(question.Ask[3..].Replace(" in ", " is in ", StringComparison.Ordinal).TrimEnd('?'), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Dialogues_alternate_and_end_with_an_answer() => Assert.All(TinyWorld.Dialogues(1, 300), dialogue =>
    {
        Assert.True(dialogue.Messages.Count % 2 == 0);
        Assert.All(dialogue.Messages.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
    });

    private static string Texts(ulong seed) => string.Join('|', TinyWorld.Documents(seed, 30).Select(document => document.Text)
        .Concat(TinyWorld.Dialogues(seed, 30).SelectMany(dialogue => dialogue.Messages).Select(message => message.Content)));

    private static IEnumerable<string> Sentences(string text) =>
        text.Split(['.', '?', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(text => text.Contains(" has a ", StringComparison.Ordinal) || text.Contains(" is in ", StringComparison.Ordinal));

    // "Anna has a red kite" is the pair Anna, kite: the colour does not make it another fact.
    private static string Plain(string sentence)
    {
        var words = sentence.Split(',')[0].Split(' ');
        return $"{words[0]} {words[1]} {words[^1]}";
    }
}
