using System.Text;
using Parley.Corpus.Pipelines;
using Parley.Testing;

namespace Parley.Corpus.Tests;

/// <summary>Text that no corpus can be made of ends in one sentence that names the file, before anything is built on it.</summary>
public sealed class BadTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.jsonl")]
    [InlineData("a.txt")]
    public async Task Bytes_that_are_not_utf8_are_named_with_their_line(string name)
    {
        var path = Write(name, [.. "{\"text\": \"one\"}\n{\"text\": \""u8, 0xC3, 0x28, .. "\"}\n"u8]);
        Assert.Contains($"{path} is not UTF-8 text (at or soon after line 1)", (await Refusal(path)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new PlainTextSource(path).ReadAsync().ToArrayAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n\t\n")]
    public async Task An_empty_file_is_named(string text) =>
        Assert.Contains("is empty", (await Refusal(Write("empty.txt", Encoding.UTF8.GetBytes(text)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_good_file_passes() => await TextFileCheck.RunAsync(Write("good.txt", "Ünïcödé\n\n\r\nmore"u8.ToArray()));

    /// <summary>A gigabyte of one line is never held: reading stops where no sensible line would still go on.</summary>
    [Fact]
    public async Task An_endless_line_is_refused_without_being_held()
    {
        using var reader = new EndlessReader();
        var lines = new BoundedLines(reader, "endless.jsonl", most: 1 << 20);
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await lines.ReadAsync(default));
        Assert.Contains("endless.jsonl, line 1 is longer than 1,048,576 characters", error.Message, StringComparison.Ordinal);
        Assert.InRange(reader.Given, 1 << 20, 2 << 20);
    }

    [Fact]
    public async Task Lines_are_what_they_were()
    {
        var lines = new BoundedLines(new StringReader("a\r\n\nb\r\r\nc"), "text", most: 4);
        var read = new List<string>();
        while (await lines.ReadAsync(default) is { } line)
            read.Add(line);
        Assert.Equal(["a", "", "b\r", "c"], read);
        Assert.Equal(4, lines.Number);
    }

    [Fact]
    public async Task A_long_plain_text_becomes_documents_cut_at_line_ends()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i}\n"));
        var documents = await new PlainTextSource(Write("long.txt", Encoding.UTF8.GetBytes(text)), most: 100_000).ReadAsync().ToArrayAsync();
        Assert.Equal(text, string.Concat(documents.Select(document => document.Text)));
        Assert.All(documents, document => Assert.EndsWith("\n", document.Text, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, documents.Length).Select(part => $"long.txt#{part}"), documents.Select(document => document.Id));
        Assert.InRange(documents.Length, 3, 10);
    }

    private static async Task<InvalidDataException> Refusal(string path) => await Assert.ThrowsAsync<InvalidDataException>(() => TextFileCheck.RunAsync(path));

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }

    private sealed class EndlessReader : TextReader
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill('a');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
