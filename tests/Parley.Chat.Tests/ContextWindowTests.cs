using FsCheck;
using FsCheck.Fluent;
using Parley.Chat.Conversations;
using Parley.Protocol.Generation;

namespace Parley.Chat.Tests;

public sealed class ContextWindowTests
{
    [Fact]
    public void A_short_conversation_is_shown_whole()
    {
        var messages = Turns(3, length: 20);
        Assert.Same(messages, ContextWindow.Fit(messages, contextLength: 512));
    }

    [Fact]
    public void The_oldest_turns_go_first_and_no_answer_opens_the_conversation()
    {
        var messages = Turns(9, length: 200);
        var kept = ContextWindow.Fit(messages, contextLength: 512);
        Assert.InRange(kept.Count, 1, messages.Count - 1);
        Assert.Equal(messages.TakeLast(kept.Count), kept);
        Assert.Equal(MessageRole.User, kept[0].Role);
    }

    [Fact]
    public void The_system_message_and_the_question_always_stay()
    {
        Prop.ForAll(Gen.Choose(0, 12).Two().ToArbitrary(), sizes =>
        {
            var (pairs, words) = sizes;
            IReadOnlyList<Message> messages = [new(MessageRole.System, "Be kind."), .. Turns((2 * pairs) + 1, length: words * 40)];
            var kept = ContextWindow.Fit(messages, contextLength: 256);
            Assert.Equal(messages[0], kept[0]);
            Assert.Equal(messages[^1], kept[^1]);
            Assert.Equal(MessageRole.User, kept[1].Role);
        }).QuickCheckThrowOnFailure();
    }

    private static IReadOnlyList<Message> Turns(int count, int length) =>
        [.. Enumerable.Range(0, count).Select(index => new Message(index % 2 == 0 ? MessageRole.User : MessageRole.Assistant, new string((char)('a' + index), length)))];
}
