using Parley.Storage.Tests.Contract;
using Parley.Testing;

namespace Parley.Storage.Tests;

/// <summary>SQLite holds to the contract of the generation log.</summary>
public sealed class SqliteGenerationLogContractTests : GenerationLogContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose() => _folder.Dispose();

    protected override IStorage Open() => new SqliteStorage(_folder.File("parley.db"));
}

/// <summary>SQLite holds to the contract of the event log.</summary>
public sealed class SqliteEventLogContractTests : EventLogContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose() => _folder.Dispose();

    protected override IStorage Open() => new SqliteStorage(_folder.File("parley.db"));
}

/// <summary>SQLite holds to the contract of the ledger store.</summary>
public sealed class SqliteLedgerStoreContractTests : LedgerStoreContract
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose() => _folder.Dispose();

    protected override IStorage Open() => new SqliteStorage(_folder.File("parley.db"));
}
