using Parley.Protocol.Accounting;
using Parley.Protocol.Events;

namespace Parley.Storage.Tests.Contract;

/// <summary>What every ledger store must hold to.</summary>
public abstract class LedgerStoreContract : IDisposable
{
    protected abstract IStorage Open();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task An_entry_comes_back_whole_also_after_a_restart()
    {
        var entry = Entry(1) with { UserId = "u", KeyId = Guid.CreateVersion7(), CachedTokens = 2, Cost = 99, Recorded = "{\"user\":\"x\"}" };
        await using (var storage = Open())
        {
            await storage.Ledger.SettleAsync([new Settlement(entry)]);
        }

        await using var again = Open();
        Assert.Equal(entry, await again.Ledger.FindAsync(entry.GenerationId));
        Assert.Null(await again.Ledger.FindAsync(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task The_first_settlement_counts_and_tells_its_event_once()
    {
        await using var storage = Open();
        var entry = Entry(1);
        await storage.Ledger.SettleAsync([new Settlement(entry, Event("generation.completed"))]);
        await storage.Ledger.SettleAsync([new Settlement(entry with { OutputTokens = 77 }, Event("generation.failed")), new Settlement(Entry(2))]);
        Assert.Equal(entry, await storage.Ledger.FindAsync(entry.GenerationId));
        Assert.Equal(["generation.completed"], (await storage.Events.ReadAsync(0, 10)).Select(told => told.Type));
    }

    [Fact]
    public async Task A_project_reads_its_own_entries_newest_first()
    {
        await using var storage = Open();
        await storage.Ledger.SettleAsync([new Settlement(Entry(1)), new Settlement(Entry(3)), new Settlement(Entry(2)), new Settlement(Entry(9) with { ProjectId = "other" })]);
        Assert.Equal([3, 2], (await storage.Ledger.ReadAsync("p", 2)).Select(entry => entry.SettledAt));
    }

    [Fact]
    public async Task Many_settling_the_same_at_once_leave_one_entry()
    {
        await using var storage = Open();
        var entry = Entry(1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => storage.Ledger.SettleAsync([new Settlement(entry with { Cost = i }, Event("generation.completed"))]))));
        Assert.Single(await storage.Ledger.ReadAsync("p", 10));
        Assert.Single(await storage.Events.ReadAsync(0, 10));
    }

    private static LedgerEntry Entry(long settledAt) => new()
    {
        GenerationId = Guid.CreateVersion7(),
        ProjectId = "p",
        Model = "m",
        ModelVersion = "w",
        PromptTokens = 5,
        OutputTokens = 6,
        Outcome = "completed",
        StartedAt = 0,
        SettledAt = settledAt,
    };

    private static OutboxEvent Event(string type) => new() { Type = type, Time = 1, Payload = "{}" };
}
