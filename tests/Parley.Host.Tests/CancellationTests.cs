using OpenAI.Chat;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>A caller that hangs up: the replica hears of it, and the ledger holds exactly what was produced until then.</summary>
public sealed class CancellationTests
{
    [Fact]
    public async Task Hanging_up_in_mid_stream_cancels_and_settles_what_was_produced()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = await TestServer.StartAsync(new ScriptedReplica("a", "b", "c", "d") { Gate = gate });
        using var hangUp = new CancellationTokenSource();
        var pieces = server.Client().GetChatClient(ScriptedReplica.ModelId)
            .CompleteChatStreamingAsync([new UserChatMessage("x")], cancellationToken: hangUp.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await pieces.MoveNextAsync());
        gate.Release(2);
        for (var text = ""; text != "ab"; text += string.Concat(pieces.Current.ContentUpdate.Select(part => part.Text)))
        {
            Assert.True(await pieces.MoveNextAsync());
        }

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pieces.MoveNextAsync());
        var entry = Assert.Single(await server.EntriesAsync(1));
        Assert.Equal(("cancelled", 7, 2), (entry.Outcome, entry.PromptTokens, entry.OutputTokens));
    }

    [Fact]
    public async Task Hanging_up_on_an_answer_in_one_piece_cancels_too()
    {
        using var gate = new SemaphoreSlim(0);
        var replica = new ScriptedReplica("a", "b") { Gate = gate };
        await using var server = await TestServer.StartAsync(replica);
        using var hangUp = new CancellationTokenSource();
        var call = server.Client().GetChatClient(ScriptedReplica.ModelId).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: hangUp.Token);
        while (replica.Requests.Count == 0)
        {
            await Task.Yield();
        }

        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var entry = Assert.Single(await server.EntriesAsync(1));
        Assert.Equal(("cancelled", 0), (entry.Outcome, entry.OutputTokens));
    }
}
