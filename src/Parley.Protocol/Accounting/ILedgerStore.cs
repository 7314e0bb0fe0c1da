namespace Parley.Protocol.Accounting;

/// <summary>Where settled ledger entries are kept. Appending the same generation twice keeps the first entry: exactly once.</summary>
public interface ILedgerStore
{
    Task AppendAsync(IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>Entries of a project, newest first.</summary>
    Task<IReadOnlyList<LedgerEntry>> ReadAsync(string projectId, int limit, CancellationToken cancellationToken = default);

    Task<LedgerEntry?> FindAsync(Guid generationId, CancellationToken cancellationToken = default);
}
