using Parley.Chat.Conversations;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Chat.Tests;

/// <summary>Nothing said is lost: readers that come late, leave, come back; stops, crashes and continuations.</summary>
public sealed class StreamingTests : IDisposable
{
    private static readonly string[] Script = ["Once ", "upon ", "a ", "time ", "there ", "was ", "a ", "fox", "."];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_reader_may_come_at_any_number_and_gets_exactly_what_follows()
    {
        await using var house = new ChatHouse(_folder.File("parley.db"), new ScriptedReplica(Script));
        var turn = await house.SendAsync(await house.ConversationAsync(), "tell me");
        var all = await house.FollowAsync(turn.GenerationId, 0);
        Assert.Equal(string.Concat(Script), string.Concat(all.Select(piece => piece.Text)));
        for (var after = 0; after <= all[^1].Sequence; after++)
        {
            var rest = await house.FollowAsync(turn.GenerationId, after);
            Assert.Equal(all.Where(piece => piece.Sequence > after).Select(piece => (piece.Sequence, piece.Offset, piece.Text)), rest.Select(piece => (piece.Sequence, piece.Offset, piece.Text)));
        }
    }

    [Fact]
    public async Task Two_readers_of_a_running_answer_see_the_same()
    {
        using var gate = new SemaphoreSlim(2);
        await using var house = new ChatHouse(_folder.File("parley.db"), new ScriptedReplica(Script) { Gate = gate });
        var turn = await house.SendAsync(await house.ConversationAsync(), "tell me");
        var early = house.FollowAsync(turn.GenerationId, 0);
        var late = house.FollowAsync(turn.GenerationId, 2);
        gate.Release(Script.Length);
        Assert.Equal(string.Concat(Script), string.Concat((await early).Select(piece => piece.Text)));
        Assert.Equal(string.Concat(Script[1..]), string.Concat((await late).Select(piece => piece.Text)));
    }

    [Fact]
    public async Task Stop_keeps_what_was_written_and_continue_goes_on_from_there()
    {
        using var gate = new SemaphoreSlim(4);
        var replica = new ScriptedReplica(Script) { Gate = gate };
        await using var house = new ChatHouse(_folder.File("parley.db"), replica);
        var conversation = await house.ConversationAsync();
        var turn = await house.SendAsync(conversation, "tell me");
        await ReceiveAsync(house, turn.GenerationId, pieces: 4);
        Assert.True(house.Runner.Stop(turn.GenerationId));
        var stopped = await house.EndedAsync(turn);
        Assert.Equal((MessageStatus.Cancelled, "Once upon a time "), (stopped.Status, stopped.Content));

        gate.Release(Script.Length);
        var continued = await house.Turns.ContinueAsync(Owner.Local, turn.GenerationId, CancellationToken.None);
        var answer = await house.EndedAsync(continued);
        Assert.Equal((MessageStatus.Completed, string.Concat(Script)), (answer.Status, answer.Content));
        Assert.Equal([101, 102, 103, 104], replica.Requests[^1].ResumeFrom);
        Assert.Equal(stopped.Content.Length, replica.Requests[^1].ResumeTextLength);
        Assert.Equal(replica.Requests[0].Sampling.Seed, replica.Requests[^1].Sampling.Seed);
        Assert.Equal(stopped.Content.Length, (await house.FollowAsync(continued.GenerationId, 0))[0].Offset);
        await Assert.ThrowsAsync<ParleyException>(() => house.Turns.ContinueAsync(Owner.Local, continued.GenerationId, CancellationToken.None));
    }

    [Fact]
    public async Task Thoughts_are_kept_apart_and_nothing_of_them_is_lost()
    {
        string[] thoughts = ["Two ", "and ", "two."];
        using var gate = new SemaphoreSlim(2);
        var replica = new ScriptedReplica("Fo", "ur.") { Thoughts = thoughts, Gate = gate };
        await using var house = new ChatHouse(_folder.File("parley.db"), replica);
        var turn = await house.SendAsync(await house.ConversationAsync(), "2 + 2?");
        await ReceiveAsync(house, turn.GenerationId, pieces: 2);
        Assert.True(house.Runner.Stop(turn.GenerationId));
        var stopped = await house.EndedAsync(turn);
        Assert.Equal((MessageStatus.Cancelled, "", "Two and "), (stopped.Status, stopped.Content, stopped.Reasoning));

        gate.Release(8);
        var continued = await house.Turns.ContinueAsync(Owner.Local, turn.GenerationId, CancellationToken.None);
        var answer = await house.EndedAsync(continued);
        Assert.Equal(("Four.", "Two and two."), (answer.Content, answer.Reasoning));
        Assert.Equal((0, 8), (replica.Requests[^1].ResumeTextLength, replica.Requests[^1].ResumeReasoningLength));
        var pieces = await house.FollowAsync(continued.GenerationId, 0);
        Assert.Equal([(8, "two."), (12, ""), (12, "")], pieces.Take(3).Select(piece => (piece.ReasoningOffset, piece.Reasoning)));
        Assert.Equal([(0, ""), (0, "Fo"), (2, "ur.")], pieces.Take(3).Select(piece => (piece.Offset, piece.Text)));

        var next = await house.SendAsync(await house.ConversationAsync(), "And now?");
        await house.EndedAsync(next);
        Assert.Equal("Two and two.", (await house.EndedAsync(next)).Reasoning);
    }

    [Fact]
    public async Task After_a_crash_the_answer_is_interrupted_whole_and_can_be_continued()
    {
        using var gate = new SemaphoreSlim(3);
        var file = _folder.File("parley.db");
        var crashed = new ChatHouse(file, new ScriptedReplica(Script) { Gate = gate });
        var turn = await crashed.SendAsync(await crashed.ConversationAsync(), "tell me");
        await ReceiveAsync(crashed, turn.GenerationId, pieces: 3);

        // The first house is left as it is: its run waits at the gate for ever, as if the process were gone.
        await using var house = new ChatHouse(file, new ScriptedReplica(Script));
        Assert.Equal(1, await house.Interrupted.SettleAsync(CancellationToken.None));
        var broken = await house.EndedAsync(turn);
        Assert.Equal((MessageStatus.Interrupted, "Once upon a "), (broken.Status, broken.Content));
        Assert.Equal(MessageStatus.Interrupted, (await house.FollowAsync(turn.GenerationId, 0))[^1].Status);

        var answer = await house.EndedAsync(await house.Turns.ContinueAsync(Owner.Local, turn.GenerationId, CancellationToken.None));
        Assert.Equal((MessageStatus.Completed, string.Concat(Script)), (answer.Status, answer.Content));
        Assert.Equal(0, await house.Interrupted.SettleAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_ends_in_good_order_marks_its_answers_interrupted()
    {
        using var gate = new SemaphoreSlim(2);
        var file = _folder.File("parley.db");
        var house = new ChatHouse(file, new ScriptedReplica(Script) { Gate = gate });
        var turn = await house.SendAsync(await house.ConversationAsync(), "tell me");
        await ReceiveAsync(house, turn.GenerationId, pieces: 2);
        await house.DisposeAsync();

        await using var next = new ChatHouse(file, new ScriptedReplica(Script));
        Assert.Equal(MessageStatus.Interrupted, (await next.EndedAsync(turn)).Status);
    }

    [Fact]
    public async Task An_upstream_failure_is_one_sentence_and_keeps_the_text()
    {
        var replica = new ScriptedReplica("half ") { Failure = new ParleyError("The replica went away.", "server_error") };
        await using var house = new ChatHouse(_folder.File("parley.db"), replica);
        var answer = await house.EndedAsync(await house.SendAsync(await house.ConversationAsync(), "go"));
        Assert.Equal((MessageStatus.Failed, "half ", "The replica went away."), (answer.Status, answer.Content, answer.Error));
    }

    private static async Task ReceiveAsync(ChatHouse house, Guid generation, int pieces)
    {
        var row = await house.Reader.FindAsync(Owner.Local, generation, CancellationToken.None);
        await foreach (var _ in house.Reader.FollowAsync(row, 0, CancellationToken.None))
        {
            if (--pieces == 0)
            {
                return;
            }
        }
    }
}
