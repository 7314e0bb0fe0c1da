using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Testing;

namespace Parley.Host.Tests.Conformance;

/// <summary>
/// The servers that the JavaScript client calls, and the one Node process that makes all the calls: the suite's own server, one that asks for a key, runs
/// one request at a time and waits for ever after its first piece, and one whose model fails.
/// </summary>
public sealed class JavaScriptServers(ConformanceServer main) : IAsyncLifetime
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim _gate = new(0);
    private readonly SemaphoreSlim _running = new(1);
    private TestServer? _guarded;
    private TestServer? _failing;
    private string _key = "";
    private IReadOnlyDictionary<string, string?>? _results;

    /// <summary>Holds main.js, the calls and, once <c>npm ci</c> ran there, the client.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Parley.Host.Tests", "Conformance", "JavaScript");

    public async ValueTask InitializeAsync()
    {
        _guarded = await TestServer.StartAsync(
            options => options with { AllowLoopbackWithoutKey = false, Limits = new() { MaxConcurrentPerKey = 1 } }, new ScriptedReplica("a") { Gate = _gate });
        (_, _key) = await _guarded.Get<ApiKeys>().CreateAsync("test", "shop", "ann");
        _failing = await TestServer.StartAsync(new ScriptedReplica("half ", "an answer") { Failure = new("The model failed.", "server_error", null, "engine_failed") });
    }

    public async ValueTask DisposeAsync()
    {
        await _guarded!.DisposeAsync();
        await _failing!.DisposeAsync();
        _gate.Dispose();
        _running.Dispose();
    }

    /// <summary>By call: what is wrong, null where nothing is. Skips where Node or the client are missing.</summary>
    public async Task<IReadOnlyDictionary<string, string?>> ResultsAsync()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            Requirement.Skip("openai-js", $"OpenAI's JavaScript client is not installed: run npm ci in {Path.GetRelativePath(Repository.Root, Folder)}");
        }

        var node = Requirement.Program("openai-js", "/usr/bin/node", "/usr/local/bin/node");
        await _running.WaitAsync();
        try
        {
            return _results ??= await RunAsync(node);
        }
        finally
        {
            _running.Release();
        }
    }

    private async Task<IReadOnlyDictionary<string, string?>> RunAsync(string node)
    {
        var vocabulary = TinyModel.Tokenizer.VocabularySize.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [Path.Combine(Folder, "main.js"), Address(main.Server), Address(_guarded!), _key, Address(_failing!), vocabulary];
        using var process = Process.Start(new ProcessStartInfo(node, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(LongestRun);
        limit.Token.Register(process.Kill);
        var errors = process.StandardError.ReadToEndAsync();
        var results = new Dictionary<string, string?>(StringComparer.Ordinal);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var result = JsonDocument.Parse(line);
            results.Add(result.RootElement.GetProperty("name").GetString()!, result.RootElement.GetProperty("error").GetString());
        }

        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"Node ended with {process.ExitCode} after {results.Count} calls: {await errors}");
        return results;
    }

    private static string Address(TestServer server) => server.Http.BaseAddress!.ToString().TrimEnd('/');
}
