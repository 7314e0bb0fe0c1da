using System.IO.Compression;
using Parley.Corpus.Bundled;
using Parley.Corpus.Pipelines;
using Parley.Testing;

namespace Parley.Corpus.Tests;

/// <summary>The recipe on a made-up data folder of the real layout.</summary>
public sealed class BundledCorpusTests
{
    private const string Sources = """
        # SOURCES

        | file | bytes | records | licence |
        |---|---:|---:|---|
        | books/x.jsonl.gz | 1 | 1 | CC0 |

        | repository (github owner standardebooks) | commit | title | author | records | text bytes | chapters left out for slurs | note |
        |---|---|---|---|---:|---:|---:|---|
        | old-author_a-book | 1 | A Book | Old Author | 2 | 9 | 0 |  |
        | new-author_another | 2 | Another | New Author | 1 | 9 | 0 | author d. 1976: public domain in the US, not in life+70 countries |
        | third_translated | 3 | Third | Third | 1 | 9 | 0 | translated by Somebody |

        ## Another table
        | task | records | licence | source |
        |---|---:|---|---|
        | induction/sum | 1 | Apache-2.0 | here |
        """;

    private static readonly string LongText = string.Concat(Enumerable.Repeat("It was a fine day. ", 30));

    [Fact]
    public void The_book_table_tells_what_is_free_everywhere()
    {
        var table = BookTable.Parse(Sources);
        Assert.Equal(3, table.Books.Count);
        Assert.True(table.IsFreeEverywhere("se/old-author_a-book/chapter-1"));
        Assert.True(table.IsFreeEverywhere("se/third_translated/chapter-1"));
        Assert.False(table.IsFreeEverywhere("se/new-author_another/chapter-1"));
        Assert.False(table.IsFreeEverywhere("se/not-in-the-table/chapter-1"));
    }

    [Fact]
    public async Task Books_free_in_one_country_only_and_closed_licences_stay_out()
    {
        using var folder = new TemporaryFolder();
        MakeData(folder.Path);
        var report = await BundledCorpus.BuildAsync(folder.Path, folder.File("out"), new() { GeneratedDialogues = 50, HeldOutShare = 0 });

        var documents = await new JsonLinesSource(folder.File("out/pretrain.jsonl")).ReadAsync().ToArrayAsync();
        Assert.Equal(["se/old-author_a-book/chapter-1", "se/third_translated/chapter-1"], documents.Select(document => document.Id));
        Assert.Equal(["new-author_another"], report.BooksLeftOut);
        Assert.Equal(documents.Sum(document => document.Text.Length), report.CharactersByLicence["CC0"]);

        var dialogues = await ChatFile.ReadAsync(folder.File("out/sft.jsonl")).ToArrayAsync();
        Assert.Equal(["induction/sum/1", "self-instruct/seed_task_0", "oasst-seed/0"], dialogues.Take(3).Select(dialogue => dialogue.Id));
        Assert.Equal("Add the numbers.\n1 2", dialogues[0].Messages[0].Content);
        Assert.Equal(53, report.Dialogues);
        Assert.True(File.Exists(folder.File("out/corpus.json")));
    }

    [Fact]
    public async Task Held_out_and_training_parts_share_nothing()
    {
        using var folder = new TemporaryFolder();
        MakeData(folder.Path);
        await BundledCorpus.BuildAsync(folder.Path, folder.File("out"), new() { GeneratedDialogues = 200, HeldOutShare = 0.3 });
        var training = await ChatFile.ReadAsync(folder.File("out/sft.jsonl")).Select(dialogue => dialogue.Id).ToHashSetAsync();
        var heldOut = await ChatFile.ReadAsync(folder.File("out/sft-heldout.jsonl")).Select(dialogue => dialogue.Id).ToArrayAsync();
        Assert.Equal(203, training.Count + heldOut.Length);
        Assert.InRange(heldOut.Length, 30, 90);
        Assert.DoesNotContain(heldOut, training.Contains);
    }

    [Fact]
    public async Task A_held_out_book_is_held_out_whole()
    {
        using var folder = new TemporaryFolder();
        MakeData(folder.Path);
        var report = await BundledCorpus.BuildAsync(folder.Path, folder.File("out"), new() { GeneratedDialogues = 1, HeldOutBooks = ["third_translated"] });
        var training = await new JsonLinesSource(folder.File("out/pretrain.jsonl")).ReadAsync().ToArrayAsync();
        var held = await new JsonLinesSource(folder.File("out/heldout.jsonl")).ReadAsync().ToArrayAsync();
        Assert.Equal(["se/old-author_a-book/chapter-1"], training.Select(document => document.Id));
        Assert.Equal(["se/third_translated/chapter-1"], held.Select(document => document.Id));
        Assert.Equal(1, report.HeldOutDocuments);
    }

    [Fact]
    public async Task What_an_evaluation_asks_is_in_no_training_text()
    {
        using var folder = new TemporaryFolder();
        MakeData(folder.Path);
        const string Question = "He said hello to the two women and then went home to sleep until the evening came.";
        Write(folder.Path, "books/two.jsonl.gz", Chapter("old-author_a-book", LongText + Question));
        Write(folder.Path, "eval/quiz.jsonl.gz", $$"""{"context":"{{Question}}","choices":["yes","no"]}""");
        Write(folder.Path, "instruct/oasst-seed-dialogues.jsonl.gz", $$"""{"id":"oasst-seed/0","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"{{Question}}"}],"license":"Apache-2.0","source":"there"}""");
        await BundledCorpus.BuildAsync(folder.Path, folder.File("out"), new() { GeneratedDialogues = 1, HeldOutShare = 0 });
        foreach (var file in new[] { "pretrain.jsonl", "sft.jsonl" })
        {
            Assert.DoesNotContain("two women", await File.ReadAllTextAsync(folder.File("out/" + file)), StringComparison.Ordinal);
        }

        Assert.Contains("old-author_a-book", await File.ReadAllTextAsync(folder.File("out/pretrain.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_without_sources_is_refused()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => BundledCorpus.BuildAsync(folder.Path, folder.File("out")));
        Assert.Contains("SOURCES.md does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_table_leaves_fifteen_books_out()
    {
        var table = BookTable.Load(Path.Combine(SharedData.Folder("data"), "SOURCES.md"));
        Assert.Equal(15, table.Books.Count(book => !book.Value));
        Assert.False(table.IsFreeEverywhere("se/a-a-milne_winnie-the-pooh/chapter-1"));
        Assert.True(table.IsFreeEverywhere("se/lewis-carroll_through-the-looking-glass_john-tenniel/chapter-1"));
    }

    private static void MakeData(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "SOURCES.md"), Sources);
        Write(folder, "books/one.jsonl.gz", Chapter("old-author_a-book", LongText), Chapter("new-author_another", LongText + "b"), Chapter("unlisted", LongText + "c"), Chapter("third_translated", LongText + "d"));
        Write(
            folder, "instruct/tasks-train.jsonl.gz",
            """{"id":"induction/sum/1","instruction":"Add the numbers.","input":"1 2","output":"3","license":"Apache-2.0","source":"here"}""",
            """{"id":"induction/x/2","instruction":"Closed.","input":"","output":"x","license":"CC BY-SA 4.0","source":"here"}""",
            """{"id":"p3/guess/3","instruction":"Guess.","input":"","output":"B","license":"MIT","source":"here"}""");
        Write(folder, "instruct/self-instruct-seed_tasks.jsonl.gz", """{"id":"seed_task_0","instruction":"Say hello.","instances":[{"input":"","output":"Hello."}]}""");
        Write(folder, "instruct/oasst-seed-dialogues.jsonl.gz", """{"id":"oasst-seed/0","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello!"}],"license":"Apache-2.0","source":"there"}""");
    }

    private static string Chapter(string book, string text) => $$"""{"id":"se/{{book}}/chapter-1","text":"{{text}}","license":"CC0","source":"x"}""";

    private static void Write(string folder, string name, params string[] lines)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.Write(string.Join('\n', lines) + "\n");
    }
}
