using Parley.Protocol.Accounting;
using Parley.Protocol.Events;
using Parley.Protocol.Logs;

namespace Parley.Storage.Tests.Contract;

/// <summary>An engine under the contract: its seams, open on data that outlives it.</summary>
public interface IStorage : IAsyncDisposable
{
    IGenerationLog Log { get; }

    IEventLog Events { get; }

    ILedgerStore Ledger { get; }
}
