namespace Parley.Host.Watching;

/// <summary>
/// A curve in one line of text, over everything added since the beginning: neighbours are averaged as they become too many, so it stays small
/// and even.
/// </summary>
internal sealed class Sparkline(int most = 256)
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    private readonly List<double> _points = [];
    private double _sum;
    private int _summed;
    private int _stride = 1;

    public void Add(double value)
    {
        if (!double.IsFinite(value)) return;
        _sum += value;
        if (++_summed < _stride) return;
        _points.Add(_sum / _summed);
        (_sum, _summed) = (0, 0);
        if (_points.Count < most) return;
        for (var i = 0; i < most / 2; i++) _points[i] = (_points[2 * i] + _points[(2 * i) + 1]) / 2;
        _points.RemoveRange(most / 2, _points.Count - (most / 2));
        _stride *= 2;
    }

    /// <summary>At most <paramref name="cells"/> characters, fewer while there are fewer values; lowest value lowest block.</summary>
    public string Text(int cells)
    {
        var count = Math.Min(Math.Max(0, cells), _points.Count);
        var shown = Enumerable.Range(0, count).Select(cell => Mean(cell, count)).ToArray();
        if (shown.Length == 0) return "";

        // The first steps would flatten all that follows them: of many values the few highest only touch the top.
        var sorted = shown.Order().ToArray();
        var (low, high) = (sorted[0], sorted[(sorted.Length - 1) * (sorted.Length < 16 ? 100 : 92) / 100]);
        var scale = high > low ? (Blocks.Length - 1) / (high - low) : 0;
        return string.Concat(shown.Select(value => Blocks[(int)Math.Round(Math.Clamp((value - low) * scale, 0, Blocks.Length - 1))]));
    }

    private double Mean(int cell, int cells)
    {
        var (from, to) = (cell * _points.Count / cells, (cell + 1) * _points.Count / cells);
        return _points.Skip(from).Take(to - from).Average();
    }
}
