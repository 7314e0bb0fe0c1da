using Parley.Gateway;
using Parley.Gateway.Accounting;
using Parley.Gateway.Keys;
using Parley.Gateway.Limits;
using Parley.Gateway.Routing;
using Parley.Gateway.Telemetry;
using Parley.Protocol.Generation;

namespace Parley.Host.Composition;

/// <summary>The gateway's parts. Whoever asks for an <see cref="IReplica"/> gets the gateway: nobody passes it by.</summary>
internal static class GatewayComposition
{
    public static IServiceCollection AddGateway(this IServiceCollection services, LimitOptions? limits = null) => services
        .AddSqliteContext<GatewayDbContext>()
        .AddSingleton(limits ?? new LimitOptions())
        .AddSingleton(_ => new Random())
        .AddSingleton<ApiKeys>()
        .AddSingleton<ModelRegistry>()
        .AddSingleton<AdapterDeployments>()
        .AddSingleton<Router>()
        .AddSingleton<ConcurrencyLimit>()
        .AddSingleton<Ledger>()
        .AddSingleton<GatewayMetrics>()
        .AddSingleton<IReplica, Parley.Gateway.Gateway>();
}
