using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Parley.Host.Endpoints;

namespace Parley.Host.Telemetry;

/// <summary>
/// <c>/metrics</c> alone, beside work that is no server: what every Parley.* meter of this process tells, as Prometheus reads it. It leaves
/// signals to whoever runs the work.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    private readonly WebApplication _app;

    private MetricsServer(WebApplication app) => _app = app;

    /// <summary>Where it answers, with the port it really got.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/metrics";

    /// <exception cref="IOException">It cannot listen there; says why.</exception>
    public static MetricsServer Start(IPEndPoint place)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(place);
        });
        builder.Services.AddSingleton<MetricsCollector>().AddSingleton<IHostLifetime, WithoutSignals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.Services.GetRequiredService<MetricsCollector>();
        app.MapMetrics();
        try
        {
            app.Start();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            ((IDisposable)app).Dispose();
            throw new IOException(
                $"--metrics-port: nothing can listen on {place} ({error.Message.TrimEnd('.')}); choose another port, or 0 for a free one.", error);
        }

        return new MetricsServer(app);
    }

    public void Dispose()
    {
        _app.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        ((IDisposable)_app).Dispose();
    }

    /// <summary>The usual lifetime would take Ctrl-C for itself.</summary>
    private sealed class WithoutSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
