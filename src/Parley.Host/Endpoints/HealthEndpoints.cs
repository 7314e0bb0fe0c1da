using Parley.Host.Telemetry;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints;

/// <summary><c>/health</c> (is it ready to answer?) and <c>/metrics</c> (Prometheus text). Neither asks for a key.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", (IReplica replica) =>
        {
            var ready = replica.Models.Count > 0;
            return Results.Text(
                ready ? """{"status":"ok"}""" : """{"status":"no model is served"}""",
                "application/json",
                statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        routes.MapMetrics();
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", (MetricsCollector metrics) => Results.Text(PrometheusText.Write(metrics.Collect()), PrometheusText.ContentType));
}
