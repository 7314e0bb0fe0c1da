using Parley.Protocol.Accounting;

namespace Parley.Gateway.Tests;

/// <summary>A ledger store in memory that counts how often it was asked to settle.</summary>
internal sealed class MemoryLedgerStore : ILedgerStore
{
    private readonly Lock _lock = new();

    public List<Settlement> Settlements { get; } = [];

    public Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            Settlements.AddRange(settlements);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<LedgerEntry>> ReadAsync(string projectId, int limit, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<LedgerEntry>>([.. Settlements.Select(settlement => settlement.Entry).Where(entry => entry.ProjectId == projectId).Take(limit)]);

    public Task<LedgerEntry?> FindAsync(Guid generationId, CancellationToken cancellationToken = default) =>
        Task.FromResult(Settlements.Select(settlement => settlement.Entry).FirstOrDefault(entry => entry.GenerationId == generationId));
}
