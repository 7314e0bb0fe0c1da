using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parley.Host.Telemetry;
using Parley.Training;
using Parley.Training.Runs;
using Parley.Training.Telemetry;

namespace Parley.Host.Tests.Watching;

/// <summary>A run's figures reach Prometheus over HTTP and an OpenTelemetry collector over OTLP, both real and on this machine.</summary>
[Collection(nameof(CommandTests))] // the environment is everybody's
public sealed class TrainExportTests
{
    [Fact]
    public async Task Prometheus_reads_the_run_while_it_goes_on()
    {
        using var server = MetricsServer.Start(new IPEndPoint(IPAddress.Loopback, 0));
        using var metrics = new TrainingMetrics(new Silence());
        metrics.Show(Progress("scraped"));
        using var client = new HttpClient();
        using var answer = await client.GetAsync(server.Address, TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string[] lines =
        [
            "# TYPE parley_train_loss gauge", "parley_train_loss{run=\"scraped\"} 1.5", "# TYPE parley_train_tokens_total counter", "parley_train_tokens_total{run=\"scraped\"} 800",
            "parley_train_tokens_per_second{run=\"scraped\"} 1000", "parley_train_learning_rate{run=\"scraped\"} 0.25", "parley_train_gradient_norm{run=\"scraped\"} 2",
            "parley_train_step{run=\"scraped\"} 8", "parley_train_peak_ratio{run=\"scraped\"} 0.25", "parley_train_bits_per_byte{run=\"scraped\"} 3", "parley_train_memory_bytes{run=\"scraped\"} 5",
            "# TYPE parley_train_data_wait_seconds_total counter", "parley_train_data_wait_seconds_total{run=\"scraped\"} 0.5",
            "parley_train_checkpoint_stall_seconds_total{run=\"scraped\"} 0.75", "# TYPE parley_train_step_duration_seconds histogram", "parley_train_step_duration_seconds_count{run=\"scraped\"} 1",
        ];
        Assert.All(lines, line => Assert.Contains(line + "\n", text, StringComparison.Ordinal));
        Assert.Equal(text.Split("# TYPE ").Length, text.Split("# HELP ").Length);
        var taken = Assert.Throws<IOException>(() => MetricsServer.Start(new IPEndPoint(IPAddress.Loopback, new Uri(server.Address).Port)));
        Assert.Contains("choose another port", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_gets_metrics_and_spans()
    {
        var bodies = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        await using var collector = await ReceiveAsync(bodies);
        var address = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var environment = new Variables(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=cellar"));
        using (var export = OtlpExport.Start("parley-train"))
        using (var metrics = new TrainingMetrics(new Silence()))
        {
            metrics.Show(Progress("exported"));
            using (var source = new ActivitySource(TrainingMetrics.MeterName)) source.StartActivity("evaluate")!.Dispose();
            export!.Flush();
        }

        Assert.Equal(["/v1/metrics", "/v1/traces"], bodies.Keys.Order(StringComparer.Ordinal));
        var sent = Encoding.Latin1.GetString(bodies["/v1/metrics"]); // protobuf holds its strings as they are
        foreach (var piece in new[] { "parley.train.loss", "parley.train.tokens", "exported", "parley-train", "cellar" }) Assert.Contains(piece, sent, StringComparison.Ordinal);
        Assert.Contains("evaluate", Encoding.Latin1.GetString(bodies["/v1/traces"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_exported_and_a_wrong_one_is_named()
    {
        using (new Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", null))) Assert.Null(OtlpExport.Start("parley-train"));
        using (new Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_SDK_DISABLED", "true"))) Assert.Null(OtlpExport.Start("parley-train"));
        using (new Variables(("OTEL_EXPORTER_OTLP_ENDPOINT", "cellar")))
            Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT is 'cellar'", Assert.Throws<InvalidDataException>(() => OtlpExport.Start("parley-train")).Message, StringComparison.Ordinal);
    }

    private static TrainingProgress Progress(string run) => new()
    {
        Session = new SessionFacts { Run = run, Stage = "pretrain", PeakGigaFlops = 8, OperationsPerToken = 2e6 },
        Step = 8, Steps = 10, Loss = 1.5, Tokens = 800, TokensPerSecond = 1000, LearningRate = 0.25, GradientNorm = 2, MemoryBytes = 5, StepTime = TimeSpan.FromSeconds(0.1),
        DataWait = TimeSpan.FromSeconds(0.5), Evaluation = new(8, 3, 2, 2.5, 4), Checkpoint = new(8, default, 0.5, 0.1, 0.75),
    };

    private static async Task<WebApplication> ReceiveAsync(ConcurrentDictionary<string, byte[]> bodies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpRequest request, string signal) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            bodies.TryAdd($"/v1/{signal}", body.ToArray());
            return Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return app;
    }

    private sealed class Silence : ITrainingView
    {
        public void Say(string line)
        {
        }

        public void Show(TrainingProgress progress)
        {
        }
    }

    /// <summary>Environment variables as a test wants them, and as they were afterwards.</summary>
    private sealed class Variables : IDisposable
    {
        private readonly (string Name, string? Value)[] _before;

        public Variables(params (string Name, string? Value)[] wanted)
        {
            _before = [.. wanted.Select(one => (one.Name, Environment.GetEnvironmentVariable(one.Name)))];
            foreach (var (name, value) in wanted) Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose()
        {
            foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
        }
    }
}
