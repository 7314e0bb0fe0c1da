using Parley.Protocol.Accounting;
using Parley.Protocol.Events;
using Parley.Protocol.Logs;
using Parley.Storage.Tests.Contract;

namespace Parley.Storage.Tests;

/// <summary>The embedded engine under the contract.</summary>
internal sealed class SqliteStorage : IStorage
{
    private readonly SqliteDatabase _database;
    private readonly SqliteGenerationLog _log;

    public SqliteStorage(string path)
    {
        _database = SqliteDatabase.Open(path);
        _log = new SqliteGenerationLog(_database, TimeProvider.System);
        (Events, Ledger) = (new SqliteEventLog(_database, TimeProvider.System), new SqliteLedgerStore(_database));
    }

    public IGenerationLog Log => _log;

    public IEventLog Events { get; }

    public ILedgerStore Ledger { get; }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        _database.Dispose();
    }
}
