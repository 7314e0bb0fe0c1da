using Parley.Protocol.Events;

namespace Parley.Protocol.Accounting;

/// <summary>
/// Where settled ledger entries are kept. Settling the same generation twice keeps the first entry: exactly once. The event of a settlement is
/// written in the transaction of its entry, and only if the entry was new.
/// </summary>
public interface ILedgerStore
{
    Task SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken = default);

    /// <summary>Entries of a project, newest first.</summary>
    Task<IReadOnlyList<LedgerEntry>> ReadAsync(string projectId, int limit, CancellationToken cancellationToken = default);

    Task<LedgerEntry?> FindAsync(Guid generationId, CancellationToken cancellationToken = default);
}

/// <summary>A ledger entry and the domain event that tells others of it.</summary>
public sealed record Settlement(LedgerEntry Entry, OutboxEvent? Event = null);
