using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using Parley.Host.Serving;
using Parley.Protocol.Accounting;
using Parley.Protocol.Events;
using Parley.Protocol.Generation;
using Parley.Testing;

namespace Parley.Host.Tests;

/// <summary>The real server, Kestrel and SQLite included, on a free loopback port and a private folder, in front of the replicas of a test.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Server _server;

    private TestServer(TemporaryFolder folder, Server server)
    {
        (_folder, _server) = (folder, server);
        Http = new HttpClient { BaseAddress = server.Address };
    }

    public HttpClient Http { get; }

    public string DataFolder => _folder.Path;

    public ILedgerStore Ledger => _server.Services.GetRequiredService<ILedgerStore>();

    public IEventLog Events => _server.Services.GetRequiredService<IEventLog>();

    public T Get<T>()
        where T : notnull => _server.Services.GetRequiredService<T>();

    public static Task<TestServer> StartAsync(params IReplica[] replicas) => StartAsync(options => options, replicas);

    public static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions> change, params IReplica[] replicas)
    {
        var folder = new TemporaryFolder();
        var options = new ServerOptions { Models = [], DataFolder = folder.Path, Port = 0, AllowLoopbackWithoutKey = true };
        return new TestServer(folder, await Server.StartAsync(change(options), replicas));
    }

    /// <summary>The official client, which does not retry, so that each call is one request.</summary>
    public OpenAIClient Client(string key = "none") => new(
        new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(_server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });

    /// <summary>Posts raw JSON; returns the status and the parsed body.</summary>
    public async Task<(int Status, JsonNode Body)> PostAsync(string path, string json)
    {
        using var answer = await Http.PostAsync(path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    /// <summary>Entries of the local project once there are <paramref name="count"/>: an aborted call is settled a moment after its caller has left.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> EntriesAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var told in Events.SubscribeAsync(0, limit.Token))
        {
            if (told.Type.StartsWith("generation.", StringComparison.Ordinal) && --count <= 0)
            {
                break;
            }
        }

        return await Ledger.ReadAsync("local", 100);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
