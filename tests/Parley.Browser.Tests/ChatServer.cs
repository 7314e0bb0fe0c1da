using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Parley.Testing;

namespace Parley.Browser.Tests;

/// <summary>
/// The real host as a process of its own, on a free loopback port with a temporary data folder: what a person starts, and what a
/// test may kill. Knows the host's HTTP routes, not the page.
/// </summary>
internal sealed class ChatServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly int _port = FreePort();
    private Process? _process;

    /// <param name="model">A .gguf file; null is a random model that answers at length.</param>
    /// <param name="thinks">The random model thinks at length instead.</param>
    public ChatServer(string? model = null, bool thinks = false)
    {
        _model = model ?? _folder.File("rambling");
        if (model is null)
        {
            RamblingModel.Write(_model, thinks);
        }

        Http = new HttpClient { BaseAddress = new Uri(Address) };
    }

    public string Address => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public HttpClient Http { get; }

    public async Task StartAsync()
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        string[] arguments =
        [
            Path.Combine(Repository.Root, "src/Parley.Host/bin", configuration, "net10.0/parley.dll"), "serve",
            "--model", _model, "--data", _folder.File("data"), "--port", _port.ToString(CultureInfo.InvariantCulture),
            "--page", PageFolder(), "--allow-loopback-without-key",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        var output = Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(StartTime);
        while (!await AnswersAsync(limit.Token))
        {
            Assert.False(_process.HasExited, _process.HasExited ? $"The host ended: {string.Concat(await output)}" : null);
        }
    }

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>The last message of a conversation's shown branch, as stored.</summary>
    public async Task<JsonNode> StoredLeafAsync(string conversation)
    {
        var detail = await Http.GetFromJsonAsync<JsonNode>($"/parley/v1/conversations/{conversation}");
        var leaf = (string?)detail!["active_leaf_id"];
        return detail["messages"]!.AsArray().Single(message => (string?)message!["id"] == leaf)!;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Http.Dispose();
        _folder.Dispose();
    }

    /// <summary>One attempt; a refused connection costs a moment, so that waiting does not spin.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync("/health", cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            await Task.Delay(50, cancellationToken);
            return false;
        }
    }

    private static string PageFolder()
    {
        var folder = Path.Combine(Repository.Root, "src/Parley.Host/wwwroot");
        if (!File.Exists(Path.Combine(folder, "index.html")))
        {
            Requirement.Skip("page", "the page is not built: run npm ci and npm run build in web/");
        }

        return folder;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
