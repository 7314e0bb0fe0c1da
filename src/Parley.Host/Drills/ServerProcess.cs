using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Parley.Host.Measurements;

namespace Parley.Host.Drills;

/// <summary>A real <c>parley serve</c> in its own process on a free loopback port, which a drill may kill without warning.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ServerProcess(Process process, int port)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    /// <summary>What it has computed so far, on all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the server and returns when it answers /health.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it printed.</exception>
    public static Task<ServerProcess> StartAsync(string model, string dataFolder, CancellationToken cancellationToken) => StartAsync([model], dataFolder, cancellationToken);

    /// <summary>As above with several models, the first of them the default.</summary>
    public static async Task<ServerProcess> StartAsync(IReadOnlyList<string> models, string dataFolder, CancellationToken cancellationToken)
    {
        var port = FreePort();
        string[] arguments =
        [
            "serve", .. models.SelectMany(model => new[] { "--model", model }),
            "--data", dataFolder, "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--allow-loopback-without-key",
        ];
        var server = new ServerProcess(OwnProcess.Start(asks: false, arguments), port);
        server._process.OutputDataReceived += (_, _) => { };
        server._process.BeginOutputReadLine();
        await server.UntilHealthyAsync(cancellationToken);
        return server;
    }

    /// <summary>kill -9: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }

    private async Task UntilHealthyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with code {_process.ExitCode}: {await _errors}");
            }

            try
            {
                using var answer = await Client.GetAsync("/health", cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(30), cancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
