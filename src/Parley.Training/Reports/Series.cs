using Parley.Training.Runs;

namespace Parley.Training.Reports;

/// <summary>One curve: a name, a CSS class that colours it, and its points in the order of x.</summary>
public sealed record Series(string Name, string Style, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>What some of the entries measured.</summary>
    internal static Series Of(
        IEnumerable<MetricsEntry> entries, string name, string style, Func<MetricsEntry, double> x, Func<MetricsEntry, double?> y) =>
        new(name, style, [.. entries.Where(entry => y(entry) is not null).Select(entry => (x(entry), y(entry)!.Value))]);

    /// <summary>Points to smooth over: a fortieth of them, so that short runs do not lag behind themselves, and at most 20.</summary>
    internal int Span => Math.Clamp(Points.Count / 40, 1, 20);

    /// <summary>At most about <paramref name="most"/> points, each the mean of its neighbours: what a screen can show.</summary>
    public Series Thinned(int most)
    {
        if (Points.Count <= most) return this;
        var size = (Points.Count + most - 1) / most;
        return this with { Points = [.. Points.Chunk(size).Select(chunk => (chunk[^1].X, chunk.Average(point => point.Y)))] };
    }

    /// <summary>An exponential mean over about <paramref name="span"/> points, unbiased at the start.</summary>
    public Series Smoothed(int span, string name, string style)
    {
        var (keep, sum, weight) = (1 - (1.0 / span), 0.0, 0.0);
        var points = new List<(double, double)>(Points.Count);
        foreach (var (x, y) in Points)
        {
            (sum, weight) = ((sum * keep) + y, (weight * keep) + 1);
            points.Add((x, sum / weight));
        }

        return new Series(name, style, points);
    }
}
