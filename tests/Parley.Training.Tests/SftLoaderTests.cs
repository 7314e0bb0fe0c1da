using Parley.Text;
using Parley.Training.Batches;

namespace Parley.Training.Tests;

/// <summary>Dialogues become packed rows: only answers are scored, every dialogue has a span of its own, bad lines are named.</summary>
public sealed class SftLoaderTests : IDisposable
{
    private readonly TinyCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void Only_the_answer_and_its_end_are_scored()
    {
        var template = ChatTemplate.ChatMl(_corpus.Tokenizer);
        var batch = Loader(_corpus.Chat("one.jsonl", ("the cat", "runs home")), sequences: 1).Read(0, 0);
        var scored = batch.Targets.Where((_, row) => batch.Weights[row] > 0).ToArray();
        Assert.Equal([.. _corpus.Tokenizer.Encode("runs home"), _corpus.Tokenizer.Special.ImEnd], scored);
        Assert.Equal(scored.Length, batch.Scored);
        var prompt = template.Render([new("user", "the cat")], addGenerationPrompt: true).Tokens;
        Assert.Equal(prompt, batch.Tokens[..prompt.Length]);
    }

    [Fact]
    public void Every_dialogue_is_packed_once_into_a_span_of_its_own()
    {
        var turns = Enumerable.Range(0, 25).Select(i => ($"the cat {i}", string.Join(' ', Enumerable.Repeat("runs", 1 + (i % 7))))).ToArray();
        var loader = Loader(_corpus.Chat("many.jsonl", turns), sequences: 1);
        var batches = loader.Epoch().ToArray();
        Assert.Equal(25, batches.Sum(batch => batch.Attention.Spans.Count));
        Assert.True(loader.Rows < 25, "short dialogues share rows");
        Assert.All(batches, batch => Assert.InRange(batch.Tokens.Length, 1, 64));
        Assert.All(batches.SelectMany(batch => batch.Attention.Spans), span => Assert.Equal(0, span.Position));
    }

    [Fact]
    public void A_batch_is_the_same_whatever_was_read_before()
    {
        var path = _corpus.Chat("many.jsonl", [.. Enumerable.Range(0, 25).Select(i => ($"the dog {i}", "sees"))]);
        var (first, second) = (Loader(path, sequences: 2), Loader(path, sequences: 2));
        _ = first.Read(0, 0);
        Assert.Equal(first.Read(40, 0).Tokens, second.Read(40, 0).Tokens);
    }

    [Fact]
    public void Long_dialogues_are_cut_and_those_without_an_answer_left_are_left_out()
    {
        var endless = string.Join(' ', Enumerable.Repeat("ball", 100));
        var loader = Loader(_corpus.Chat("long.jsonl", ("a", "b"), ("now", endless), (endless, "now")), sequences: 1);
        Assert.Equal((2, 2, 1), (loader.Dialogues, loader.Shortened, loader.LeftOut));
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "hello"}]}""", "line 2 has no assistant message")]
    [InlineData("""{"messages": []}""", "line 2 has no \"messages\"")]
    [InlineData("""{"messages": [{"role": "king", "content": "x"}]}""", "unknown role \"king\"")]
    [InlineData("""{"messages": [{"role": "user", "content": 3}]}""", "\"content\" is not a string")]
    [InlineData("""{"messages": [{"content": "x"}]}""", "without a \"role\"")]
    [InlineData("""{"messages": [{"role": "assistant", "tool_calls": []}]}""", "\"tool_calls\"")]
    [InlineData("""{"messages": [""", "not valid JSON")]
    [InlineData("[1]", "line 2 has no \"messages\"")]
    public void A_bad_line_is_named(string line, string problem)
    {
        var path = _corpus.Chat("bad.jsonl", ("a", "b"));
        File.AppendAllLines(path, [line]);
        var error = Assert.Throws<InvalidDataException>(() => Loader(path, sequences: 1));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad.jsonl, line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_empty_not_UTF8_endless_or_no_gzip_is_named()
    {
        string Fails(string name, byte[] bytes)
        {
            var path = _corpus.Place(name);
            File.WriteAllBytes(path, bytes);
            return Assert.Throws<InvalidDataException>(() => Loader(path, sequences: 1)).Message;
        }

        Assert.Contains("No dialogue fits", Fails("empty.jsonl", []), StringComparison.Ordinal);
        Assert.Contains("latin.jsonl, line 3 is not UTF-8", Fails("latin.jsonl", [.. "\n\n{\"messages\": \""u8, 0xe9, .. "\"}"u8]), StringComparison.Ordinal);
        Assert.Contains("long.jsonl, line 1 is longer than 16 MB", Fails("long.jsonl", new byte[ChatFile.LongestLine + 9]), StringComparison.Ordinal);
        Assert.Contains("plain.jsonl.gz is not whole gzip", Fails("plain.jsonl.gz", "{\"messages\": []}"u8.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_scores_what_the_user_says_is_refused()
    {
        var path = _corpus.Chat("one.jsonl", ("a", "b"));
        var options = new DataLoaderOptions(64, 1, 1, _corpus.Tokenizer.Special.EndOfText, 5);
        var error = Assert.Throws<InvalidDataException>(() => new SftLoader([path], new EverythingScored(), options));
        Assert.Contains("one.jsonl, line 1 has a user's turn in what would be learned (its loss mask is all one)", error.Message, StringComparison.Ordinal);
        File.WriteAllText(path, """{"messages": [{"role": "assistant", "content": "b"}]}""");
        Assert.Equal(1, new SftLoader([path], new EverythingScored(), options).Dialogues); // nobody else speaks in it
    }

    private SftLoader Loader(string path, int sequences) => new([path], ChatTemplate.ChatMl(_corpus.Tokenizer), new DataLoaderOptions(64, sequences, 1, _corpus.Tokenizer.Special.EndOfText, 5));

    private sealed class EverythingScored : ChatTemplate
    {
        public override string Source => "";

        public override IReadOnlyList<int> StopIds => [];

        public override RenderedChat Render(ChatContext context, CancellationToken cancellationToken = default) => new([1, 2, 3], [true, true, true]);
    }
}
