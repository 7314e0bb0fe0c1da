using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Parley.Chat.Generations;
using Parley.Gateway.Routing;
using Parley.Host.Authentication;
using Parley.Host.Composition;
using Parley.Host.Endpoints;
using Parley.Host.Endpoints.Chat;
using Parley.Host.Endpoints.OpenAI;
using Parley.Host.Telemetry;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Storage;

namespace Parley.Host.Serving;

/// <summary>
/// A running server: the data folder, the rooms on it, and HTTP in front. Built from options and the replicas that answer; knows nothing of
/// how a model is loaded.
/// </summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataFolder _folder;

    private Server(WebApplication app, DataFolder folder) => (_app, _folder) = (app, folder);

    public IServiceProvider Services => _app.Services;

    /// <summary>Where it listens, with the port it really got.</summary>
    public Uri Address
    {
        get
        {
            var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            return new Uri(addresses.First());
        }
    }

    /// <summary>Loads the models, serves until cancelled, and says on the console where.</summary>
    public static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var models = await ServedModels.LoadAsync(options);
        await using var server = await StartAsync(options, models.Replicas, cancellationToken);
        ServerGreeting.Print(options, server.Address, models.Replicas);
        using var export = OtlpExport.Start("parley-serve");
        await server._app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Starts serving; returns when requests are answered.</summary>
    /// <exception cref="ParleyException">Folder or port in use, disk full ...: one sentence.</exception>
    public static async Task<Server> StartAsync(ServerOptions options, IEnumerable<IReplica> replicas, CancellationToken cancellationToken = default)
    {
        var folder = DataFolder.Open(options.DataFolder);
        WebApplication? app = null;
        try
        {
            app = Build(options, folder);
            await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(cancellationToken);
            var registry = app.Services.GetRequiredService<ModelRegistry>();
            foreach (var replica in replicas)
            {
                registry.Add(replica);
            }

            await app.Services.GetRequiredService<InterruptedAnswers>().SettleAsync(cancellationToken);
            await app.StartAsync(cancellationToken);
            return new Server(app, folder);
        }
        catch (Exception error)
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
            folder.Dispose();
            if (error is IOException or SocketException && ListenFailure(error, options) is { } sentence)
            {
                throw sentence;
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static WebApplication Build(ServerOptions options, DataFolder folder)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)

            // A start that fails is told in one sentence by whoever started, a full disk by the request that met it; the generic host
            // and Entity Framework would each add a page of stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
            .AddFilter("Microsoft.EntityFrameworkCore", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(ListenAddress(options.Host), options.Port);
        });

        // A stream may run for minutes; at the end of the server it is cut, and its generation ends as interrupted.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services
            .AddSingleton(options)
            .AddSqliteStorage(folder.DatabasePath)
            .AddGateway(options.Limits)
            .AddChat()
            .AddSingleton<MetricsCollector>();
        var app = builder.Build();
        app.Services.GetRequiredService<MetricsCollector>();
        app.UseErrorResponses();
        app.UseKeyAuthentication();
        app.MapOpenAI();
        app.MapChat();
        app.MapHealth();
        app.MapPage(options.PageFolder);
        return app;
    }

    private static IPAddress ListenAddress(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(host, out var address)
            ? address
            : throw ParleyException.InvalidRequest($"'--host {host}' is not an address of this machine; use 127.0.0.1 (only this machine) or 0.0.0.0 (the network).", "host"),
    };

    private static ParleyException? ListenFailure(Exception error, ServerOptions options)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                var place = string.Create(CultureInfo.InvariantCulture, $"{options.Host}:{options.Port}");
                return socket.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => ParleyException.Server(503, $"Port {options.Port} is already in use; choose another with --port.", "port_in_use", error),
                    SocketError.AccessDenied => ParleyException.Server(503, $"Listening on {place} is not permitted; choose a --port above 1023.", "port_denied", error),
                    _ => ParleyException.Server(503, $"Listening on {place} failed: {socket.Message}", "listen_failed", error),
                };
            }
        }

        return null;
    }
}
