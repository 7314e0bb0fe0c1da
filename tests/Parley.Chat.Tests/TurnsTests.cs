using Parley.Chat.Conversations;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Chat.Tests;

/// <summary>Sending, editing, regenerating: rows, prompts and events.</summary>
public sealed class TurnsTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ScriptedReplica _replica = new("Hel", "lo ", "there.");
    private readonly ChatHouse _house;

    public TurnsTests() => _house = new ChatHouse(_folder.File("parley.db"), _replica);

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_message_is_answered_and_everything_is_kept()
    {
        var conversation = await _house.ConversationAsync();
        var turn = await _house.SendAsync(conversation, "  What a day!\nReally.  ");
        var answer = await _house.EndedAsync(turn);

        Assert.Equal("Hello there.", answer.Content);
        Assert.Equal(MessageStatus.Completed, answer.Status);
        Assert.Equal("stop", answer.FinishReason);
        Assert.Equal(3, answer.OutputTokens);
        Assert.Equal("v-scripted", answer.ModelVersion);
        var (row, messages) = await _house.Store.GetAsync(Owner.Local, conversation.Id, CancellationToken.None);
        Assert.Equal("What a day! Really.", row.Title);
        Assert.Equal(answer.Id, row.ActiveLeafId);
        Assert.Equal([MessageAuthor.User, MessageAuthor.Assistant], messages.Select(message => message.Author));
    }

    [Fact]
    public async Task Events_say_what_happened_and_never_what_was_said()
    {
        var conversation = await _house.ConversationAsync();
        var turn = await _house.SendAsync(conversation, "a secret thing");
        await _house.EndedAsync(turn);
        await _house.Store.RateAsync(Owner.Local, conversation.Id, turn.AssistantMessage.Id, "up", CancellationToken.None);

        var events = await _house.Events.ReadAsync(0, 100, CancellationToken.None);
        Assert.Equal(
            ["conversation.created", "message.sent", "answer.requested", "answer.ended", "message.rated"], events.Select(entry => entry.Type));
        Assert.DoesNotContain(events, entry => entry.Payload.Contains("secret", StringComparison.Ordinal) || entry.Payload.Contains("Hello", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_edit_is_a_branch_and_the_model_sees_only_its_own_branch()
    {
        var conversation = await _house.ConversationAsync();
        var first = await _house.SendAsync(conversation, "one");
        await _house.EndedAsync(first);
        await _house.EndedAsync(await _house.SendAsync(conversation, "two", first.AssistantMessage.Id));
        await _house.EndedAsync(await _house.SendAsync(conversation, "two, edited", first.AssistantMessage.Id));

        var seen = ((GenerationInput.Chat)_replica.Requests[^1].Input).Messages.Select(message => message.PlainText);
        Assert.Equal(["one", "Hello there.", "two, edited"], seen);
        Assert.Contains("message.edited", (await _house.Events.ReadAsync(0, 100, CancellationToken.None)).Select(entry => entry.Type));
    }

    [Fact]
    public async Task A_regenerated_answer_stands_beside_the_old_one()
    {
        var conversation = await _house.ConversationAsync();
        var first = await _house.SendAsync(conversation, "one");
        await _house.EndedAsync(first);
        var again = await _house.Turns.RegenerateAsync(Owner.Local, conversation.Id, first.AssistantMessage.Id, new TurnSettings(), CancellationToken.None);
        var answer = await _house.EndedAsync(again);

        Assert.NotEqual(first.AssistantMessage.Id, answer.Id);
        Assert.Equal(first.AssistantMessage.ParentId, answer.ParentId);
        Assert.Equal(_replica.Requests[0].Input is GenerationInput.Chat a ? a.Messages.Count : 0, _replica.Requests[1].Input is GenerationInput.Chat b ? b.Messages.Count : -1);
    }

    [Fact]
    public async Task Bad_input_leaves_no_trace()
    {
        var conversation = await _house.ConversationAsync();
        await Assert.ThrowsAsync<ParleyException>(() => _house.SendAsync(conversation, "   "));
        await Assert.ThrowsAsync<ParleyException>(() => _house.SendAsync(conversation, "hello", Guid.NewGuid()));
        var unknown = await Assert.ThrowsAsync<ParleyException>(() => _house.Turns.SendAsync(
            Owner.Local, conversation.Id, null, "hello", new TurnSettings(Model: "gpt-9"), CancellationToken.None));
        Assert.Equal("model", unknown.Error.Param);
        var stranger = new Owner("local", "someone-else");
        await Assert.ThrowsAsync<ParleyException>(() => _house.Store.GetAsync(stranger, conversation.Id, CancellationToken.None));
        Assert.Empty((await _house.Store.GetAsync(Owner.Local, conversation.Id, CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task A_deleted_conversation_takes_its_messages_and_logs_along()
    {
        var conversation = await _house.ConversationAsync();
        var turn = await _house.SendAsync(conversation, "one");
        await _house.EndedAsync(turn);
        await _house.Deletion.DeleteAsync(Owner.Local, conversation.Id, CancellationToken.None);
        await using var context = _house.CreateDbContext();
        Assert.Empty(context.Messages);
        Assert.Empty(context.Generations);
        Assert.Empty(await _house.Log.ReadAsync(turn.GenerationId, 0, CancellationToken.None));
    }

    [Fact]
    public async Task Deleting_in_mid_answer_ends_the_answer_and_leaves_nothing()
    {
        using var gate = new SemaphoreSlim(1);
        await using var house = new ChatHouse(_folder.File("other.db"), new ScriptedReplica("one ", "two ", "three") { Gate = gate });
        var conversation = await house.ConversationAsync();
        var turn = await house.SendAsync(conversation, "count");
        await house.Deletion.DeleteAsync(Owner.Local, conversation.Id, CancellationToken.None);
        Assert.False(house.Runner.Stop(turn.GenerationId));
        Assert.Empty(await house.Log.ReadAsync(turn.GenerationId, 0, CancellationToken.None));
    }

    [Fact]
    public async Task Pages_of_the_list_neither_repeat_nor_skip()
    {
        for (var i = 0; i < 7; i++)
        {
            await _house.ConversationAsync();
        }

        var seen = new List<Guid>();
        Guid? after = null;
        for (var more = true; more;)
        {
            var page = await _house.Store.ListAsync(Owner.Local, 3, after, CancellationToken.None);
            seen.AddRange(page.Conversations.Select(row => row.Id));
            (after, more) = (seen[^1], page.HasMore);
        }

        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(7, seen.Count);
    }
}
