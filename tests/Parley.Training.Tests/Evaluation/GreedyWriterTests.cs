using Parley.Text;
using Parley.Training.Evaluation.Scoring;

namespace Parley.Training.Tests.Evaluation;

/// <summary>An answer goes on with its prompt, to the letter.</summary>
public sealed class GreedyWriterTests
{
    // A SentencePiece vocabulary of words that all begin with a space, and of nothing else that has a text.
    private static Tokenizer Words => new GgufTokenizer
    {
        Model = "llama",
        Tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 30).Select(i => $"▁{(char)('a' + (i % 26))}{i}")],
        Scores = [.. Enumerable.Range(0, 33).Select(i => (float)-i)],
        TokenTypes = [2, 3, 3, .. Enumerable.Repeat(1, 30)],
    }.Read();

    [Fact]
    public async Task The_space_that_an_answer_begins_with_is_its_own()
    {
        await using var tiny = new TinyExaminee(tokenizer: Words);
        Assert.True(tiny.Tokenizer.AddsSpace);
        var (text, _) = await new GreedyWriter(tiny.Model, tiny.Engine).WriteAsync("def f():", ["never"], 4, TestContext.Current.CancellationToken);
        Assert.Matches("^( [a-z][0-9]+){4}$", text);
    }
}
