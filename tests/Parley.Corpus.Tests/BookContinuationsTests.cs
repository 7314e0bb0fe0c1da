using FsCheck;
using FsCheck.Fluent;
using Parley.Corpus.Bundled;

namespace Parley.Corpus.Tests;

/// <summary>Passages of chapters as dialogues.</summary>
public sealed class BookContinuationsTests
{
    private static readonly string Paragraph = string.Concat(Enumerable.Repeat("The road went on over the hill. ", 6)).Trim();

    [Fact]
    public void The_answer_goes_on_where_the_question_stops()
    {
        var paragraphs = Enumerable.Range(0, 20).Select(number => $"{number}. {Paragraph}").ToArray();
        var dialogues = BookContinuations.Of(Chapter(string.Join("\n\n", paragraphs)), most: 2, longest: 1_000).ToArray();
        Assert.Equal(["continuation/se/book/one/0", "continuation/se/book/one/1"], dialogues.Select(dialogue => dialogue.Id));
        Assert.EndsWith(paragraphs[0], dialogues[0].Messages[0].Content, StringComparison.Ordinal);
        Assert.StartsWith(paragraphs[1], dialogues[0].Messages[1].Content, StringComparison.Ordinal);
        Assert.EndsWith(paragraphs[10], dialogues[1].Messages[0].Content, StringComparison.Ordinal);
        Assert.All(dialogues, dialogue => Assert.Equal("CC0", dialogue.Licence));
    }

    [Fact]
    public void A_chapter_of_one_paragraph_gives_nothing() => Assert.Empty(BookContinuations.Of(Chapter(Paragraph), 3, 1_000));

    [Fact]
    public void No_dialogue_is_longer_than_allowed_and_all_of_it_is_the_chapters()
    {
        var chapters = Gen.Choose(1, 700).Select(length => new string((char)('a' + (length % 26)), length)).ArrayOf(12).Two();
        Prop.ForAll(chapters.ToArbitrary(), halves =>
        {
            var text = string.Join("\n\n", halves.Item1.Concat(halves.Item2));
            return BookContinuations.Of(Chapter(text), 3, 900).All(dialogue =>
                dialogue.Length <= 900
                && text.Contains($"{dialogue.Messages[0].Content.Split("\n\n", 2)[1]}\n\n{dialogue.Messages[1].Content}", StringComparison.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    private static Document Chapter(string text) => new("se/book/one", text, "x", "CC0");
}
