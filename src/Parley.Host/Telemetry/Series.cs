using System.Diagnostics.Metrics;

namespace Parley.Host.Telemetry;

/// <summary>One instrument under one set of tags, as it stands.</summary>
internal sealed class Series(TagSet tags, SeriesKind kind)
{
    /// <summary>Upper bounds in seconds, from a fast token to a slow answer.</summary>
    public static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

    private readonly Lock _lock = new();
    private readonly long[] _buckets = kind == SeriesKind.Histogram ? new long[Bounds.Length + 1] : [];
    private double _value;
    private long _count;

    public TagSet Tags => tags;

    public void Record(double value)
    {
        lock (_lock)
        {
            _count++;
            _value = kind is SeriesKind.Gauge or SeriesKind.Total ? value : _value + value;
            if (kind == SeriesKind.Histogram)
            {
                var index = Array.BinarySearch(Bounds, value);
                _buckets[index < 0 ? ~index : index]++;
            }
        }
    }

    /// <summary>The value (a histogram's sum), how many were recorded, and a histogram's counts per bucket.</summary>
    public (double Value, long Count, long[] Buckets) Read()
    {
        lock (_lock)
        {
            return (_value, _count, [.. _buckets]);
        }
    }
}

internal enum SeriesKind
{
    Counter,

    /// <summary>A counter whose running total is reported each time.</summary>
    Total,
    UpDown,
    Gauge,
    Histogram,
}

internal static class SeriesKinds
{
    /// <summary>By the instrument's class; observable ones report totals, so the last report counts.</summary>
    public static SeriesKind Of(Instrument instrument) => instrument.GetType().Name switch
    {
        "Counter`1" => SeriesKind.Counter,
        "ObservableCounter`1" => SeriesKind.Total,
        "UpDownCounter`1" => SeriesKind.UpDown,
        "Histogram`1" => SeriesKind.Histogram,
        _ => SeriesKind.Gauge,
    };
}
