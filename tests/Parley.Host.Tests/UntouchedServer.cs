using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>One server for all the calls of a class that must never reach its replica.</summary>
public sealed class UntouchedServer : IAsyncLifetime
{
    private TestServer? _server;

    internal ScriptedReplica Replica { get; } = new("a");

    internal TestServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(Replica);

    public ValueTask DisposeAsync() => _server!.DisposeAsync();
}
