using System.Globalization;
using System.Text.RegularExpressions;
using Parley.Corpus.Generators;
using Parley.Corpus.Generators.SimpleDialogueTopics;

namespace Parley.Corpus.Tests;

public sealed partial class SimpleDialoguesTests
{
    private static readonly Dialogue[] Sample = [.. SimpleDialogues.Dialogues(seed: 1, 4_000)];

    [Fact]
    public void Equal_seeds_give_equal_dialogues()
    {
        Assert.Equal(Text(Sample[17]), Text(SimpleDialogues.Dialogues(1, 18).Last()));
        Assert.NotEqual(Text(Sample[17]), Text(SimpleDialogues.Dialogues(2, 18).Last()));
    }

    [Fact]
    public void Dialogues_hardly_ever_repeat() => Assert.True(Sample.Select(Text).Distinct().Count() > Sample.Length * 0.97);

    [Fact]
    public void Turns_alternate_and_none_is_empty() => Assert.All(Sample, dialogue =>
    {
        var turns = dialogue.Messages.SkipWhile(message => message.Role == "system").ToArray();
        Assert.NotEmpty(turns);
        Assert.All(turns.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
        Assert.DoesNotContain(dialogue.Messages, message => string.IsNullOrWhiteSpace(message.Content) || message.Content.Contains('{'));
    });

    [Fact]
    public void Sums_are_right()
    {
        var sums = Sample.SelectMany(dialogue => dialogue.Messages).Where(message => message.Role == "assistant")
            .Select(message => SumPattern().Match(message.Content)).Where(match => match.Success).ToArray();
        Assert.True(sums.Length > 100);
        Assert.All(sums, sum =>
        {
            var (a, b, c) = (Number(sum.Groups[1]), Number(sum.Groups[3]), Number(sum.Groups[4]));
            Assert.Equal(c, sum.Groups[2].Value == "plus" ? a + b : a - b);
        });
    }

    [Fact]
    public void What_was_told_is_what_is_remembered()
    {
        var remembered = 0;
        foreach (var dialogue in Sample)
        {
            foreach (var (index, message) in dialogue.Messages.Index().Where(turn => turn.Item.Content.StartsWith("Your name is ", StringComparison.Ordinal)))
            {
                var name = message.Content["Your name is ".Length..].TrimEnd('.');
                Assert.Contains(dialogue.Messages.Take(index - 1), told => told.Role == "user" && told.Content.Contains(name, StringComparison.OrdinalIgnoreCase));
                remembered++;
            }
        }

        Assert.True(remembered > 100);
    }

    [Fact]
    public void The_model_says_who_it_is_and_what_it_does_not_know()
    {
        var answers = Sample.SelectMany(dialogue => dialogue.Messages).Where(message => message.Role == "assistant").Select(message => message.Content).ToArray();
        Assert.Contains("I am Parley mini, a small language model trained from scratch. I run on your own machine.", answers);
        Assert.Contains("I am a small model and I do not know that.", answers);
    }

    [Fact]
    public void Word_lists_are_complete_and_without_repeats()
    {
        Assert.True(WordTable.Capitals.Count >= 60);
        Assert.True(WordTable.Definitions.Count >= 200);
        IReadOnlyList<string[]>[] tables = [WordTable.Capitals, WordTable.Definitions, WordTable.Plurals, WordTable.Facts, WordTable.Advice, WordTable.Unknown, WordTable.Lists, WordTable.Animals];
        Assert.All(tables, table =>
        {
            Assert.Equal(table.Count, table.Select(row => row[0]).Distinct().Count());
            Assert.All(table, row => Assert.True(row.Length == table[0].Length && Array.TrueForAll(row, cell => cell.Trim() == cell && cell.Length > 0)));
        });
    }

    private static string Text(Dialogue dialogue) => string.Join('|', dialogue.Messages.Select(message => message.Content));

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+) (plus|minus) (\d+) is (\d+)\.$", RegexOptions.None, 1000)]
    private static partial Regex SumPattern();
}
