using Parley.Chat.Conversations;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Chat.Tests;

/// <summary>Another tab deletes the conversation between a call's reading and its writing: the call finds nothing, and is no fault.</summary>
public sealed class DeletionRaceTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ChatHouse _house;

    public DeletionRaceTests() => _house = new ChatHouse(_folder.File("parley.db"), new ScriptedReplica("Hello."));

    public static TheoryData<string> Calls { get; } = ["rename", "rate", "delete", "send", "regenerate"];

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task What_is_deleted_meanwhile_is_not_found(string call)
    {
        var conversation = await _house.ConversationAsync();
        var turn = await _house.SendAsync(conversation, "hi");
        var answer = await _house.EndedAsync(turn);
        _house.Meanwhile = () => _house.Deletion.DeleteAsync(Owner.Local, conversation.Id, default);
        var error = await Assert.ThrowsAsync<ParleyException>(() => call switch
        {
            "rename" => _house.Store.ChangeAsync(Owner.Local, conversation.Id, "new", null, default),
            "rate" => _house.Store.RateAsync(Owner.Local, conversation.Id, answer.Id, "up", default),
            "delete" => _house.Deletion.DeleteAsync(Owner.Local, conversation.Id, default),
            "send" => _house.SendAsync(conversation, "more"),
            _ => _house.Turns.RegenerateAsync(Owner.Local, conversation.Id, answer.Id, new(), default),
        });
        Assert.Equal(404, error.Status);
        Assert.Empty(await _house.Log.ReadAsync(turn.GenerationId, 0));
    }

    [Fact]
    public async Task Two_tabs_cannot_continue_one_answer_at_once()
    {
        using var gate = new SemaphoreSlim(1);
        await using var house = new ChatHouse(_folder.File("gated.db"), new ScriptedReplica("one ", "two ", "three") { Gate = gate });
        var conversation = await house.ConversationAsync();
        var turn = await house.SendAsync(conversation, "hi");
        house.Runner.Stop(turn.GenerationId);
        Assert.Equal(MessageStatus.Cancelled, (await house.EndedAsync(turn)).Status);
        ParleyException? second = null;
        house.Meanwhile = async () => second = await Assert.ThrowsAsync<ParleyException>(() => house.Turns.ContinueAsync(Owner.Local, turn.GenerationId, default));
        await house.Turns.ContinueAsync(Owner.Local, turn.GenerationId, default);
        Assert.Equal(400, second?.Status);
    }

    [Fact]
    public async Task A_reader_of_a_deleted_answer_comes_to_an_end()
    {
        var conversation = await _house.ConversationAsync();
        var turn = await _house.SendAsync(conversation, "hi");
        await _house.EndedAsync(turn);
        var row = await _house.Reader.FindAsync(Owner.Local, turn.GenerationId, default);
        await _house.Deletion.DeleteAsync(Owner.Local, conversation.Id, default);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in _house.Reader.FollowAsync(row, 0, default))
            {
            }
        });
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_title_is_cut_between_characters()
    {
        var named = await _house.Store.CreateAsync(Owner.Local, "a" + string.Concat(Enumerable.Repeat("😀", 200)), ScriptedReplica.ModelId, default);
        Assert.Equal("a" + string.Concat(Enumerable.Repeat("😀", 99)), named.Title);
        var conversation = await _house.ConversationAsync();
        await _house.SendAsync(conversation, "a" + string.Concat(Enumerable.Repeat("😀", 50)));
        Assert.Equal("a" + string.Concat(Enumerable.Repeat("😀", 29)) + "…", (await _house.Store.GetAsync(Owner.Local, conversation.Id, default)).Conversation.Title);
    }
}
