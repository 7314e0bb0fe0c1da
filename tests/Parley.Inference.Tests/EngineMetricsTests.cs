using System.Diagnostics.Metrics;

namespace Parley.Inference.Tests;

/// <summary>What a dashboard sees under vLLM's names.</summary>
public sealed class EngineMetricsTests
{
    [Fact]
    public async Task CountsAndTimesAreMeasured()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder, new() { ModelName = $"metered {Guid.NewGuid()}" });
        var totals = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = Listen(driver.Engine, totals);
        driver.Engine.Submit(Requests.Of(30, 1, maxTokens: 5));
        driver.Engine.Step();
        listener.RecordObservableInstruments();
        Assert.Equal((1, 0), (totals["vllm:num_requests_running"], totals["vllm:num_requests_waiting"]));
        Assert.Equal(2.0 / driver.Blocks.Total, totals["vllm:kv_cache_usage_perc"], 9);
        driver.RunDry();
        listener.RecordObservableInstruments();
        Assert.Equal((30, 5), (totals["vllm:prompt_tokens_total"], totals["vllm:generation_tokens_total"]));
        Assert.Equal((1, 4), (totals["vllm:time_to_first_token_seconds"], totals["vllm:time_per_output_token_seconds"]));
        Assert.Equal(1, totals["vllm:request_success_total"]);
        Assert.Equal((30, 5), (driver.Engine.Metrics.PromptTokens, driver.Engine.Metrics.GenerationTokens));
    }

    // Counters report their totals, events are summed, histograms counted. Other tests' engines run beside this one: only this engine's meter is heard.
    private static MeterListener Listen(Engine engine, Dictionary<string, double> totals)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (engine.Metrics.Owns(instrument))
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            totals[instrument.Name] = instrument is ObservableInstrument<long> ? value : totals.GetValueOrDefault(instrument.Name) + value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => totals[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
            totals[instrument.Name] = instrument is ObservableInstrument<double> ? value : totals.GetValueOrDefault(instrument.Name) + 1);
        listener.Start();
        return listener;
    }
}
