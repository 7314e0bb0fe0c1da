using Parley.Gateway.Accounting;
using Parley.Gateway.Limits;
using Parley.Gateway.Routing;
using Parley.Gateway.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Gateway.Tests;

/// <summary>Every token is accounted for: one entry and one event a request, whichever way it ends, and nothing left reserved.</summary>
public sealed class GatewayTests : IDisposable
{
    private readonly MemoryLedgerStore _store = new();
    private readonly Ledger _ledger;
    private readonly GatewayMetrics _metrics;
    private readonly ModelRegistry _registry = new();

    public GatewayTests()
    {
        _ledger = new Ledger(_store, TimeProvider.System);
        _metrics = new GatewayMetrics(_ledger);
    }

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task A_completed_answer_is_settled_with_its_usage_before_its_last_event_is_seen()
    {
        var gateway = Gateway(new ScriptedReplica("a", "b", "c"));
        await foreach (var entry in gateway.Generate(Request()))
        {
            Assert.Equal(entry.Kind == GenerationEventKind.Completed ? 1 : 0, _store.Settlements.Count);
        }

        AssertSettledOnce("completed", 7, 3);
    }

    [Fact]
    public async Task The_reservation_is_an_upper_bound_and_is_corrected_by_the_exact_prompt_count()
    {
        var gateway = Gateway(new ScriptedReplica("a"));
        var events = gateway.Generate(Request(text: "0123456789", maxTokens: 20)).GetAsyncEnumerator();
        await using var _ = events;
        Assert.Equal(0, _ledger.ReservedTokens);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal(7 + 20, _ledger.ReservedTokens);
        Assert.True(new Ledger(_store, TimeProvider.System).Reserve(Request(text: "0123456789", maxTokens: 20), 1024).Tokens >= 10 + 20);
        while (await events.MoveNextAsync())
        {
        }

        Assert.Equal(0, _ledger.ReservedTokens);
    }

    [Fact]
    public async Task A_cancelled_answer_is_settled_with_what_was_produced()
    {
        using var gate = new SemaphoreSlim(2);
        using var cancellation = new CancellationTokenSource();
        var seen = new List<GenerationEvent>();
        await foreach (var entry in Gateway(new ScriptedReplica("a", "b", "c", "d") { Gate = gate }).Generate(Request(), cancellation.Token))
        {
            seen.Add(entry);
            if (entry.Text == "b")
            {
                await cancellation.CancelAsync();
            }
        }

        Assert.Equal(FinishReason.Cancelled, seen[^2].FinishReason);
        AssertSettledOnce("cancelled", 7, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_reader_that_just_leaves_cancels_the_replica_and_settles(int events)
    {
        using var gate = new SemaphoreSlim(events);
        await foreach (var _ in Gateway(new ScriptedReplica("a", "b", "c", "d") { Gate = gate }).Generate(Request()))
        {
            if (--events == 0)
            {
                break;
            }
        }

        Assert.Equal("cancelled", Assert.Single(_store.Settlements).Entry.Outcome);
        AssertNothingReserved();
    }

    [Fact]
    public async Task A_failed_answer_is_settled_as_failed()
    {
        var last = await Gateway(new ScriptedReplica("a", "b") { Failure = new("It broke.", "server_error") }).Generate(Request()).LastAsync();
        Assert.Equal(GenerationEventKind.Failed, last.Kind);
        AssertSettledOnce("failed", 7, 2);
    }

    [Fact]
    public async Task A_replica_that_throws_or_ends_in_mid_answer_becomes_a_failed_event_with_what_was_counted()
    {
        foreach (var replica in new IReplica[] { new BreakingReplica(throws: true), new BreakingReplica(throws: false) })
        {
            _store.Settlements.Clear();
            var events = await Gateway(replica).Generate(Request() with { Model = "breaking" }).ToListAsync();
            Assert.Equal((GenerationEventKind.Failed, 3L, "replica_failed"), (events[^1].Kind, events[^1].Sequence, events[^1].Error!.Code));
            AssertSettledOnce("failed", 7, 2);
        }
    }

    [Fact]
    public async Task A_refusal_leaves_no_entry_and_nothing_reserved_and_the_id_can_be_used_again()
    {
        var replica = new BreakingReplica(throws: true) { Refusal = ParleyException.ContextLengthExceeded(2000, 1024) };
        var request = Request() with { Model = "breaking" };
        var gateway = Gateway(replica);
        await Assert.ThrowsAsync<ParleyException>(() => gateway.Generate(request).ToListAsync().AsTask());
        Assert.Empty(_store.Settlements);
        AssertNothingReserved();
        replica.Refusal = null;
        await gateway.Generate(request).ToListAsync();
        Assert.Single(_store.Settlements);
    }

    [Fact]
    public async Task The_event_carries_numbers_and_no_text()
    {
        await Gateway(new ScriptedReplica("secret answer")).Generate(Request(text: "secret question")).ToListAsync();
        var told = Assert.Single(_store.Settlements).Event!;
        Assert.Equal(("generation.completed", _store.Settlements[0].Entry.GenerationId), (told.Type, told.GenerationId));
        Assert.Contains("\"output_tokens\":1", told.Payload, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told.Payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Places_are_given_back_at_the_end_of_each_request()
    {
        var gateway = Gateway(new LimitOptions { MaxConcurrentPerKey = 1, MaxConcurrentPerProject = 2 }, new ScriptedReplica("a"));
        var (one, two) = (Request() with { KeyId = Guid.NewGuid() }, Request() with { KeyId = Guid.NewGuid() });
        var first = gateway.Generate(one).GetAsyncEnumerator();
        await first.MoveNextAsync();
        var sameKey = await Assert.ThrowsAsync<ParleyException>(() => gateway.Generate(one with { Id = Guid.NewGuid() }).ToListAsync().AsTask());
        Assert.Equal(429, sameKey.Status);
        Assert.NotNull(sameKey.RetryAfter);
        await using (var second = gateway.Generate(two).GetAsyncEnumerator())
        {
            await second.MoveNextAsync();
            var sameProject = await Assert.ThrowsAsync<ParleyException>(() => gateway.Generate(Request()).ToListAsync().AsTask());
            Assert.Contains("project 'local'", sameProject.Message, StringComparison.Ordinal);
        }

        await gateway.Generate(Request()).ToListAsync();
        await first.DisposeAsync();
        await gateway.Generate(one with { Id = Guid.NewGuid() }).ToListAsync();
    }

    private Gateway Gateway(params IReplica[] replicas) => Gateway(new LimitOptions(), replicas);

    private Gateway Gateway(LimitOptions limits, params IReplica[] replicas)
    {
        Array.ForEach(replicas, _registry.Add);
        return new Gateway(_registry, new Router(_registry, new Random(1)), new ConcurrencyLimit(limits), _ledger, _metrics, TimeProvider.System);
    }

    private static GenerationRequest Request(string text = "x", int? maxTokens = null) => new()
    {
        Model = ScriptedReplica.ModelId,
        Input = new GenerationInput.Text(text),
        Sampling = new SamplingParams { Seed = 1 },
        MaxOutputTokens = maxTokens,
    };

    private void AssertSettledOnce(string outcome, int promptTokens, int outputTokens)
    {
        var settlement = Assert.Single(_store.Settlements);
        Assert.Equal((outcome, promptTokens, outputTokens), (settlement.Entry.Outcome, settlement.Entry.PromptTokens, settlement.Entry.OutputTokens));
        Assert.Equal("generation." + outcome, settlement.Event!.Type);
        AssertNothingReserved();
    }

    private void AssertNothingReserved() => Assert.Equal(0, _ledger.ReservedTokens);
}
