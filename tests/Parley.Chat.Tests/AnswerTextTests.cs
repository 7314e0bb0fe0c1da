using Parley.Chat.Conversations;
using Parley.Chat.Generations;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Chat.Tests;

public sealed class AnswerTextTests
{
    [Fact]
    public void Deltas_add_up_after_what_was_there_before()
    {
        var answer = Read("Once ", Delta(2, "upon "), Delta(3, "a time"));
        Assert.Equal("Once upon a time", answer.Text);
        Assert.Equal(MessageStatus.Streaming, answer.Status);
        Assert.False(answer.HasEnded);
        Assert.Equal(3, answer.LastSequence);
    }

    [Theory]
    [InlineData(FinishReason.Stop, MessageStatus.Completed, "stop")]
    [InlineData(FinishReason.Length, MessageStatus.Completed, "length")]
    [InlineData(FinishReason.Cancelled, MessageStatus.Cancelled, null)]
    public void The_finish_decides_the_status(FinishReason reason, MessageStatus status, string? name)
    {
        var answer = Read(
            "", Delta(2, "x"), Event(3, GenerationEventKind.Finished) with { FinishReason = reason },
            Event(4, GenerationEventKind.Completed) with { Usage = new Usage(5, 1) });
        Assert.Equal(status, answer.Status);
        Assert.Equal(name, answer.FinishName);
        Assert.Equal(new Usage(5, 1), answer.Usage);
    }

    [Theory]
    [InlineData(AnswerText.InterruptedCode, MessageStatus.Interrupted)]
    [InlineData("internal_error", MessageStatus.Failed)]
    public void A_failure_keeps_the_text(string code, MessageStatus status)
    {
        var answer = Read("", Delta(2, "half an ans"), Event(3, GenerationEventKind.Failed) with { Error = new ParleyError("It broke.", "server_error", null, code) });
        Assert.Equal("half an ans", answer.Text);
        Assert.Equal(status, answer.Status);
    }

    private static AnswerText Read(string before, params GenerationEvent[] events)
    {
        var answer = new AnswerText(before);
        answer.Add(Event(1, GenerationEventKind.Started) with { Usage = new Usage(5, 0) });
        Array.ForEach(events, answer.Add);
        return answer;
    }

    private static GenerationEvent Delta(long sequence, string text) => Event(sequence, GenerationEventKind.Delta) with { Text = text };

    private static GenerationEvent Event(long sequence, GenerationEventKind kind) => new() { Generation = Guid.Empty, Sequence = sequence, Kind = kind };
}
