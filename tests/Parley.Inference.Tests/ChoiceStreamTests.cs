using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference.Tests;

/// <summary>From tokens to the text that may be shown: stop strings over token borders, half characters, and what a resumed run still owes.</summary>
public sealed class ChoiceStreamTests
{
    private static readonly LetterTokenizer Tokenizer = new();

    [Fact]
    public void AStopStringOverTokenBordersIsNeverShown()
    {
        var stream = Create(stop: ["cab"]);
        Assert.Equal(["a", "", "c", "cd"], Feed(stream, "a", "c", "c", "d"));
        Assert.Null(stream.Finish);
        Assert.Equal(["", "", ""], Feed(stream, "c", "a", "b"));
        Assert.Equal((FinishReason.Stop, 7), (stream.Finish, stream.Tokens));
    }

    [Fact]
    public void AStopStringInsideATokenCutsIt()
    {
        var stream = Create(stop: ["h"]);
        Assert.Equal(["t"], Feed(stream, "the"));
        Assert.Equal(FinishReason.Stop, stream.Finish);
    }

    [Fact]
    public void TextHeldBackForAStopStringIsShownAtTheEnd()
    {
        var stream = Create(stop: ["abc"]);
        Assert.Equal(["", ""], Feed(stream, "a", "b"));
        Assert.Equal("ab", stream.Accept(new() { Token = LetterTokenizer.ImEnd, Finish = FinishReason.Stop }).Text);
        var limited = Create(stop: ["abc"]);
        Assert.Equal("a", limited.Accept(new() { Token = Tokenizer.Encode("a")[0], Finish = FinishReason.Length }).Text);
        Assert.Equal(FinishReason.Length, limited.Finish);
        var met = Create(stop: ["a"]);
        Assert.Equal("", met.Accept(new() { Token = Tokenizer.Encode("a")[0], Finish = FinishReason.Length }).Text);
        Assert.Equal(FinishReason.Stop, met.Finish);
    }

    [Fact]
    public void HalfACharacterWaitsForTheOther()
    {
        var stream = Create();
        Assert.Equal("", stream.Accept(new() { Token = LetterTokenizer.FirstHalf }).Text);
        Assert.Equal("é", stream.Accept(new() { Token = LetterTokenizer.SecondHalf }).Text);
        Assert.Equal("", stream.Accept(new() { Token = LetterTokenizer.FirstHalf, Finish = FinishReason.Length }).Text);
        var ended = Create();
        ended.Accept(new() { Token = LetterTokenizer.FirstHalf });
        Assert.Equal("\uFFFD", ended.Accept(new() { Token = LetterTokenizer.ImEnd, Finish = FinishReason.Stop }).Text);
    }

    [Fact]
    public void AnEndTokenIsNoTextButCounts()
    {
        var stream = Create();
        Assert.Equal("", stream.Accept(new() { Token = Tokenizer.Encode("a")[0], Finish = FinishReason.Stop }).Text);
        Assert.Equal(1, stream.Tokens);
    }

    [Fact]
    public void APaddingIdBeyondTheVocabularyIsNoText() => Assert.Equal("", Create().Accept(new() { Token = 71 }).Text);

    [Fact]
    public void AResumedAnswerOwesOnlyWhatWasNotShown()
    {
        int[] before = [.. Tokenizer.Encode("hell"), LetterTokenizer.FirstHalf];
        var stream = Create(resumed: before, shown: 3);
        Assert.Equal(("l", 0), (stream.Resumed, stream.Tokens));
        Assert.Equal("é", stream.Accept(new() { Token = LetterTokenizer.SecondHalf }).Text);
        var ahead = Create(resumed: before, shown: 5); // an earlier run showed the half character as one unit
        Assert.Equal(("", "", "o"), (ahead.Resumed, ahead.Accept(new() { Token = LetterTokenizer.SecondHalf }).Text, Feed(ahead, "o").Single()));
    }

    [Fact]
    public void AStopStringAcrossTheInterruptionStillStops()
    {
        var stream = Create(stop: ["lo"], resumed: Tokenizer.Encode("hel"), shown: 2);
        Assert.Equal([""], Feed(stream, "o"));
        Assert.Equal(FinishReason.Stop, stream.Finish);
        Assert.Equal(FinishReason.Stop, Create(stop: ["el"], resumed: Tokenizer.Encode("hel"), shown: 1).Finish);
    }

    [Fact]
    public void ResumedThoughtsOweOnlyWhatWasNotShown()
    {
        var format = new AnswerFormat(HasReasoning: true, CallFormat.Json);
        var request = Request() with { ResumeFrom = Tokenizer.Encode("he is"), ResumeReasoningLength = 3 };
        var stream = new ChoiceStream(Tokenizer, request, [LetterTokenizer.ImEnd], new AnswerReader(format, isThinking: true));
        Assert.Equal(("is", ""), (stream.ResumedReasoning, stream.Resumed));
        Assert.Equal("a", stream.Accept(new() { Token = Tokenizer.Encode("a")[0] }).Reasoning);
        var ahead = new ChoiceStream(Tokenizer, request with { ResumeReasoningLength = 6 }, [LetterTokenizer.ImEnd], new AnswerReader(format, isThinking: true));
        Assert.Equal(("", ""), (ahead.ResumedReasoning, ahead.Accept(new() { Token = Tokenizer.Encode("a")[0] }).Reasoning));
    }

    private static IEnumerable<string> Feed(ChoiceStream stream, params string[] tokens) =>
        [.. tokens.Select(text => stream.Accept(new() { Token = Enumerable.Range(0, 62).First(id => Tokenizer.DecodeText([id]) == text) }).Text)];

    private static ChoiceStream Create(IReadOnlyList<string>? stop = null, int[]? resumed = null, int shown = 0)
    {
        var request = Request() with { Stop = stop ?? [], ResumeFrom = resumed ?? [], ResumeTextLength = shown };
        return new ChoiceStream(Tokenizer, request, [LetterTokenizer.ImEnd]);
    }

    private static GenerationRequest Request() => new() { Model = "tiny", Input = new GenerationInput.Text("x"), Sampling = new() { Seed = 1 } };
}
