using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Parley.Host.Telemetry;

/// <summary>
/// Sends what every Parley.* meter and activity source tells to an OpenTelemetry collector over OTLP, where the standard environment variables name
/// one (opentelemetry.io/docs/specs/otel/protocol/exporter): endpoint, protocol, headers, interval and resource come from them alone.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string Sources = "Parley.*";

    private static readonly string[] Endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    private const int Patience = 3000; // ms

    private readonly MeterProvider _meters;
    private readonly TracerProvider _tracers;

    private OtlpExport(ResourceBuilder resource)
    {
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Sources).AddOtlpExporter().Build();
        _tracers = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
    }

    /// <summary>Begins to export; null where no variable asks for it. What is left is sent when it is disposed.</summary>
    /// <param name="service">The service's name unless OTEL_SERVICE_NAME gives one.</param>
    /// <exception cref="InvalidDataException">An endpoint is no address.</exception>
    public static OtlpExport? Start(string service)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)) return null;
        var asked = Endpoints.Where(name => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(name))).ToArray();
        if (asked.Length == 0) return null;
        foreach (var name in asked)
        {
            var value = Environment.GetEnvironmentVariable(name)!;
            if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                throw new InvalidDataException($"{name} is '{value}', no http address; give one such as http://127.0.0.1:4318, or unset it.");
        }

        // What comes later wins: the environment's name for the service over ours.
        return new OtlpExport(ResourceBuilder.CreateEmpty().AddService(service).AddTelemetrySdk().AddEnvironmentVariableDetector());
    }

    /// <summary>Sends what there is now; waits a little for the collector, and gives up on one that does not answer.</summary>
    public void Flush()
    {
        _meters.ForceFlush(Patience);
        _tracers.ForceFlush(Patience);
    }

    public void Dispose()
    {
        _tracers.Dispose();
        _meters.Dispose();
    }
}
