using Parley.Corpus.Generators;
using Parley.Corpus.Generators.SimpleDialogueTopics;

namespace Parley.Corpus.Tests;

/// <summary>What holds for the word lists themselves: every row whole, every article right, no question with two answers.</summary>
public sealed class SimpleDialogueTableTests
{
    public static TheoryData<string, int> Tables => new()
    {
        { nameof(WordTable.Capitals), 2 }, { nameof(WordTable.Animals), 4 }, { nameof(WordTable.Opposites), 2 },
        { nameof(WordTable.Plurals), 2 },
        { nameof(WordTable.Lists), 2 }, { nameof(WordTable.Definitions), 3 }, { nameof(WordTable.Facts), 2 }, { nameof(WordTable.FollowUps), 4 },
        { nameof(WordTable.Advice), 2 }, { nameof(WordTable.Unknown), 1 }, { nameof(WordTable.SmallTalk), 2 }, { nameof(WordTable.Past), 2 },
        { nameof(WordTable.Rhymes), 1 }, { nameof(WordTable.Colours), 2 }, { nameof(WordTable.Uses), 2 }, { nameof(WordTable.Places), 2 },
        { nameof(WordTable.Ladders), 2 }, { nameof(WordTable.Translations), 5 }, { nameof(WordTable.Units), 4 }, { nameof(WordTable.Riddles), 2 },
        { nameof(WordTable.Poems), 2 },
        { nameof(WordTable.Jokes), 2 }, { nameof(WordTable.Explanations), 3 }, { nameof(WordTable.Corrections), 2 }, { nameof(WordTable.Categories), 2 },
        { nameof(WordTable.Notes), 2 }, { nameof(WordTable.Plots), 4 },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_row_is_whole(string table, int fields)
    {
        var rows = Rows(table);
        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            Assert.Equal(fields, row.Length);
            Assert.All(row, cell => Assert.True(cell.Length > 0 && cell.Trim() == cell, string.Join('|', row)));
            Assert.DoesNotContain("  ", string.Join('|', row));
        });
        Assert.Equal(rows.Count, rows.Select(row => string.Join('|', row)).Distinct().Count());
    }

    [Fact]
    public void No_question_has_two_answers()
    {
        var answers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var definitions = WordTable.Definitions.Select(row => (Parts: KnowledgeTopics.Parts(row[1]), Answer: row[2]))
            .Select(row => ($"What {row.Parts.Verb} {row.Parts.Named}?", row.Answer));
        var units = WordTable.Units.Select(row => (
            $"How many {row[0]} are in {Typing.Article(row[1])} {row[1]}?",
            $"There are {row[3]} {row[0]} in {Typing.Article(row[1])} {row[1]}."));
        var all = WordTable.Facts.Concat(WordTable.FollowUps).Concat(WordTable.Advice).Concat(WordTable.Jokes).Concat(WordTable.Riddles)
            .Select(row => (row[0], row[1]))
            .Concat(definitions).Concat(units)
            .Concat(WordTable.Colours.Select(row => ($"What colour is {row[0]}?", row[1])))
            .Concat(WordTable.SmallTalk.SelectMany(row => row[0].Split(';').Select(said => (said, row[1]))))
            .Concat(WordTable.Unknown.Select(row => (row[0], "unknown")));
        Assert.All(all, pair => Assert.True(answers.TryAdd(pair.Item1, pair.Item2) || answers[pair.Item1] == pair.Item2, pair.Item1));
    }

    [Fact]
    public void What_follows_begins_with_a_plain_fact()
    {
        var facts = WordTable.Facts.ToDictionary(row => row[0], row => row[1]);
        Assert.All(WordTable.FollowUps, row => Assert.Equal(facts[row[0]], row[1]));
    }

    [Fact]
    public void Articles_are_right() => Assert.All(WordTable.Definitions, row =>
    {
        var (word, beginning) = (row[0], row[1]);
        string[] allowed = [$"{Typing.Article(word)} {word} is", $"{word} is", $"the {word} is", $"{word} are", $"the {word} are"];
        Assert.Contains(beginning, allowed);
    });

    [Theory]
    [InlineData("apple", "an")]
    [InlineData("hour", "an")]
    [InlineData("uniform", "a")]
    [InlineData("umbrella", "an")]
    [InlineData("house", "a")]
    [InlineData("euro", "a")]
    public void The_article_goes_by_sound(string word, string article) => Assert.Equal(article, Typing.Article(word));

    [Fact]
    public void Sentences_end_as_sentences_do()
    {
        Assert.All(WordTable.Facts.Concat(WordTable.FollowUps), row => Assert.EndsWith("?", row[0]));
        Assert.All(WordTable.Facts.Concat(WordTable.Advice).Concat(WordTable.Jokes), row => Assert.True(row[1][^1] is '.' or '!', row[1]));
        Assert.All(WordTable.Explanations.SelectMany(row => row[1..]), cell => Assert.EndsWith(".", cell));
        Assert.All(WordTable.Plots.SelectMany(row => row), cell => Assert.True(cell[^1] is '.' or '!' or '"', cell));
        Assert.All(WordTable.Definitions, row => Assert.True(char.IsLetterOrDigit(row[2][^1]), row[2]));
    }

    [Fact]
    public void Poems_have_four_lines() => Assert.All(WordTable.Poems, row => Assert.Equal(4, row[1].Split(" / ").Length));

    [Fact]
    public void A_word_rhymes_in_one_row_and_a_thing_is_found_in_one_place()
    {
        Distinct(WordTable.Rhymes.SelectMany(row => row[0].Split(", ")));
        Distinct(WordTable.Places.SelectMany(row => row[1].Split(", ")));
        Distinct(WordTable.Categories.SelectMany(row => row[1].Split(", ")));
        Assert.All(WordTable.Lists.Concat(WordTable.Ladders), row => Distinct(row[1].Split(", ")));
        Distinct(WordTable.Capitals.Where(row => row[0] != row[1]).Select(row => row[1]));

        static void Distinct(IEnumerable<string> words) =>
            Assert.Empty(words.GroupBy(word => word).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Kinds_that_overlap_are_never_told_apart()
    {
        Assert.False(ThingTopics.AreApart("a bird", "an animal"));
        Assert.False(ThingTopics.AreApart("an animal", "a fish"));
        Assert.False(ThingTopics.AreApart("a metal", "a colour"));
        Assert.True(ThingTopics.AreApart("a fruit", "a vegetable"));
    }

    [Fact]
    public void Every_row_of_the_long_tables_is_drawn()
    {
        var answers = SimpleDialogues.Dialogues(seed: 3, 20_000).SelectMany(dialogue => dialogue.Messages)
            .Where(message => message.Role == "assistant").Select(message => message.Content).ToHashSet();
        Assert.Empty(WordTable.Facts.Concat(WordTable.Advice).Where(row => !answers.Contains(row[1])).Select(row => row[0]));
        Assert.Empty(WordTable.Definitions.Where(row => !answers.Contains($"{Typing.UpperFirst(row[1])} {row[2]}.")).Select(row => row[0]));
        Assert.Empty(WordTable.Plurals.Where(row => !answers.Contains($"The plural of {row[0]} is {row[1]}.")).Select(row => row[0]));
        Assert.Empty(WordTable.Past.Where(row => !answers.Contains($"The past tense of {row[0]} is {row[1]}.")).Select(row => row[0]));
        Assert.Empty(WordTable.Jokes.Where(row => !answers.Contains($"{row[0]} {row[1]}")).Select(row => row[0]));
    }

    private static IReadOnlyList<string[]> Rows(string table) =>
        (IReadOnlyList<string[]>)typeof(WordTable).GetProperty(table)!.GetValue(null)!;
}
