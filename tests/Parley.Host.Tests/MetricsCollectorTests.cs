using System.Diagnostics.Metrics;
using Parley.Host.Telemetry;

namespace Parley.Host.Tests;

/// <summary>What meters tell, kept by instrument and tags, without a byte for the garbage collector once a series is known.</summary>
public sealed class MetricsCollectorTests
{
    [Fact]
    public void Series_are_told_apart_by_their_tags_and_recording_allocates_nothing()
    {
        using var collector = new MetricsCollector();
        using var meter = new Meter("Parley.Tests");
        var counter = meter.CreateCounter<long>("tests_counted");
        var histogram = meter.CreateHistogram<double>("tests_timed", "s");
        long total = 41;
        meter.CreateObservableCounter("tests_observed", () => new Measurement<long>(total, [new("a", "x")]));
        KeyValuePair<string, object?> a = new("a", "x"), b = new("b", "y");
        void Record()
        {
            counter.Add(1, a, b);
            counter.Add(1, b, a); // the same series
            counter.Add(5, a);
            histogram.Record(0.3, a);
        }

        for (var i = 0; i < 100; i++)
        {
            Record();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Record();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        collector.Collect();
        total = 42;
        var text = PrometheusText.Write(collector.Collect());
        Assert.Contains("tests_counted_total{a=\"x\"} 1000\ntests_counted_total{a=\"x\",b=\"y\"} 400\n", text, StringComparison.Ordinal);
        Assert.Contains("tests_timed_seconds_count{a=\"x\"} 200\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE tests_observed_total counter\ntests_observed_total{a=\"x\"} 42\n", text, StringComparison.Ordinal);
    }
}
