using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Parley.Host.Telemetry;

/// <summary>
/// Listens to every meter named Parley.* and keeps the current value of each series: sums of counters, last value of gauges, buckets of
/// histograms. Knows no output format.
/// </summary>
internal sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, SeriesTable> _instruments = new();

    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Parley.", StringComparison.Ordinal))
            {
                _instruments.TryAdd(instrument, new SeriesTable(SeriesKinds.Of(instrument)));
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _instruments.TryRemove(instrument, out var _);
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All series now, by instrument name; instruments of one name (one engine each) are listed together.</summary>
    public IReadOnlyList<CollectedInstrument> Collect()
    {
        _listener.RecordObservableInstruments();
        return
        [
            .. _instruments
                .GroupBy(pair => pair.Key.Name, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new CollectedInstrument(
                    group.First().Key, [.. group.SelectMany(pair => pair.Value.All).OrderBy(series => series.Tags.Text, StringComparer.Ordinal)])),
        ];
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_instruments.TryGetValue(instrument, out var table))
        {
            table.Of(tags).Record(value);
        }
    }
}

/// <summary>An instrument and its series.</summary>
internal sealed record CollectedInstrument(Instrument Instrument, IReadOnlyList<Series> Series)
{
    public SeriesKind Kind => SeriesKinds.Of(Instrument);
}
