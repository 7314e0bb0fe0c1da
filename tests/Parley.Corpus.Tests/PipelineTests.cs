using System.IO.Compression;
using Parley.Corpus.Pipelines;
using Parley.Testing;
using Parley.Text;
using Parley.Text.Shards;

namespace Parley.Corpus.Tests;

public sealed class PipelineTests
{
    private static readonly Document[] Documents =
    [
        new("a", "The cat sat on the mat.", "test", "CC0"),
        new("b", "the  cat sat on\nthe mat.", "test", "MIT"),
        new("c", "Short.", "test", "MIT"),
        new("d", "Nobody may use this text.", "test", "CC BY-NC 4.0"),
        new("e", "The dog sat on the cat.", "test", "MIT") { Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["title"] = "Dogs" } },
    ];

    [Fact]
    public async Task Every_step_counts_what_it_lets_through()
    {
        using var folder = new TemporaryFolder();
        var report = await new Pipeline("test").From(new MemorySource("made", Documents))
            .Keep(new LicenceFilter()).Keep(new LengthFilter(10)).Keep(new DuplicateFilter())
            .To(new DocumentSink(folder.File("out.jsonl")));
        Assert.Equal([5, 4, 3, 2, 2], report.Steps.Select(step => step.Documents));
        Assert.Equal(Documents[0].Text.Length + Documents[4].Text.Length, report.Result.Characters);
        var printed = new StringWriter();
        report.Print(printed);
        Assert.Contains("keep allowed licences", printed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Written_documents_read_back_whole()
    {
        using var folder = new TemporaryFolder();
        await new Pipeline("write").From(new MemorySource("made", Documents)).To(new DocumentSink(folder.File("out.jsonl")));
        var read = await new JsonLinesSource(folder.File("out.jsonl")).ReadAsync().ToArrayAsync();
        Assert.Equal(Documents.Select(document => (document.Id, document.Text, document.Source, document.Licence)),
            read.Select(document => (document.Id, document.Text, document.Source, document.Licence)));
        Assert.Equal("Dogs", read[4].Metadata["title"]);
        Assert.Equal(Documents.Select(document => document.Text), CorpusTexts.Read(folder.File("out.jsonl")));
    }

    [Fact]
    public async Task Gzipped_lines_without_a_licence_take_the_files()
    {
        using var folder = new TemporaryFolder();
        using (var file = new GZipStream(File.Create(folder.File("in.jsonl.gz")), CompressionLevel.Fastest))
            file.Write("{\"text\":\"One.\"}\n{\"text\":\"Two.\",\"license\":\"MIT\"}\n"u8);
        var read = await new JsonLinesSource(folder.File("in.jsonl.gz"), "CC0").ReadAsync().ToArrayAsync();
        Assert.Equal(["CC0", "MIT"], read.Select(document => document.Licence));
        Assert.Equal(["in.jsonl.gz/1", "in.jsonl.gz/2"], read.Select(document => document.Id));
    }

    [Fact]
    public async Task Shards_hold_what_went_in()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = new BpeTrainer().Train(Documents.Select(document => document.Text), new() { VocabularySize = 280 });
        await new Pipeline("shards").From(new MemorySource("made", Documents)).To(new ShardSink(folder.File("set"), tokenizer));
        using var reader = ShardReader.Open(folder.File("set"), tokenizer);
        var ids = new int[reader.TokenCount];
        reader.Read(0, ids);
        Assert.Equal(string.Concat(Documents.Select(document => document.Text)), tokenizer.DecodeText(ids));
        Assert.Equal(Documents.Sum(document => document.Text.Length), reader.Manifest.TextBytes);
    }

    [Fact]
    public async Task A_bad_line_is_named_and_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("in.jsonl"), "{\"text\":\"fine\"}\n{\"no\":1}\n");
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new Pipeline("bad").From(new JsonLinesSource(folder.File("in.jsonl"))).To(new DocumentSink(folder.File("out.jsonl"))));
        Assert.Contains("in.jsonl, line 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(["in.jsonl"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_held_out_part_is_a_fixed_share()
    {
        var held = Enumerable.Range(0, 20_000).Count(number => HoldOutFilter.IsHeldOut($"se/book/chapter-{number}", 0.01));
        Assert.InRange(held, 150, 250);
        Assert.Equal(14737953184052551937UL, Generators.StableHash.Of("se/book/chapter-1"));
    }
}
