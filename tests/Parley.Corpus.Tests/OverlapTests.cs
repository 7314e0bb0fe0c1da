using Parley.Corpus.Overlap;
using Parley.Testing;
using Parley.Text;
using Parley.Text.Shards;

namespace Parley.Corpus.Tests;

/// <summary>Thirteen words in a row are found in any dress and across lines; twelve are not.</summary>
public sealed class OverlapTests
{
    private const string Thirteen = "One two three four five six seven eight nine ten eleven twelve thirteen";

    [Theory]
    [InlineData(Thirteen, 1)]
    [InlineData("zero, ONE \"two\" three -- four; five six (seven) eight\tnine ten e-leven twelve thirteen fourteen!", 1)]
    [InlineData("One two three four five six seven eight nine ten eleven twelve", 0)]
    [InlineData("one two three four five six seven ate nine ten eleven twelve thirteen", 0)]
    [InlineData("", 0)]
    public void Thirteen_words_in_a_row_are_an_overlap(string training, int found)
    {
        var index = new OverlapIndex();
        index.AddRecord("quiz", "line 1", [Thirteen]);
        index.AddRecord("quiz", "line 2", ["Too short."]);
        index.AddRecord("other", "line 1", ["a", "b c d e f g h i j k l m n"]);
        index.Scan("book", [training]);
        var report = index.Report();
        Assert.Equal([("quiz", 2, 1, found), ("other", 1, 0, 0)], report.Select(task => (task.Task, task.Records, task.TooShort, task.Overlapping)));
        Assert.Equal(found, report[0].Where.Count(place => place == "line 1 in book"));
    }

    [Fact]
    public void A_run_crosses_pieces_of_a_document_but_not_documents()
    {
        var index = new OverlapIndex();
        index.AddRecord("quiz", "line 1", [Thirteen]);
        index.AddRecord("quiz", "line 2", [Thirteen + " again"]);
        index.Scan("first", ["one two three four five six"]);
        index.Scan("second", ["seven eight nine ten eleven twelve thirteen"]);
        Assert.Equal(0, index.Report()[0].Overlapping);
        index.Scan("third", ["one two three four five six", "seven eight nine ten eleven twelve thirteen"]);
        Assert.Equal(2, index.Report()[0].Overlapping);
    }

    [Fact]
    public void Records_lines_and_shards_are_read_whatever_their_fields()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.jsonl"), """{"query": "x", "choices": ["y", "z"], "gold": 1}""" + "\n\n" + """["w"]""" + "\n");
        Assert.Equal([(1, "x y z"), (3, "w")], RecordTexts.Records(folder.File("a.jsonl")).Select(record => (record.Line, string.Join(' ', record.Texts))));
        File.WriteAllText(folder.File("a.txt"), "p\nq\n");
        Assert.Equal(["p", "q"], Assert.Single(RecordTexts.Documents(folder.File("a.txt"))).Texts);
        File.WriteAllText(folder.File("bad.jsonl"), "{}\n{");
        Assert.Contains("bad.jsonl, line 2", Assert.Throws<InvalidDataException>(() => RecordTexts.Records(folder.File("bad.jsonl")).Count()).Message, StringComparison.Ordinal);
        var tokenizer = new BpeTrainer().Train([Thirteen], new BpeTrainerOptions { VocabularySize = 280 });
        using (var writer = new ShardWriter(folder.File("shards"), tokenizer))
        {
            writer.Append("one", "MIT", Thirteen);
            writer.Complete();
        }

        var (name, texts) = Assert.Single(RecordTexts.Shards(folder.File("shards"), tokenizer));
        Assert.Equal(("one", Thirteen), (name, Assert.Single(texts)));
    }
}
