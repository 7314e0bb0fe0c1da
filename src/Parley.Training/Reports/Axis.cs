using System.Globalization;

namespace Parley.Training.Reports;

/// <summary>A linear axis with round tick marks (steps of 1, 2 or 5 times a power of ten).</summary>
internal sealed class Axis
{
    private readonly double _pixelFrom, _pixelTo;
    private readonly double _step;

    public Axis(double least, double most, double pixelFrom, double pixelTo, int ticks)
    {
        if (!(most > least)) (least, most) = (least - Math.Max(1e-9, Math.Abs(least) * 0.1), most + Math.Max(1e-9, Math.Abs(most) * 0.1));
        (Least, Most, _pixelFrom, _pixelTo) = (least, most, pixelFrom, pixelTo);
        var power = Math.Pow(10, Math.Floor(Math.Log10((most - least) / ticks)));
        _step = power * new[] { 1.0, 2.0, 5.0, 10.0 }.First(factor => power * factor * ticks >= (most - least) * 0.999);
    }

    public double Least { get; }

    public double Most { get; }

    public double Pixel(double value) => _pixelFrom + ((value - Least) / (Most - Least) * (_pixelTo - _pixelFrom));

    public IEnumerable<(double Value, string Label)> Ticks()
    {
        for (var i = Math.Ceiling(Least / _step); i * _step <= Most + (_step * 1e-9); i++) yield return (i * _step, Label(i * _step));
    }

    public static string Label(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            0 => "0",
            >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M",
            >= 1e4 => (value / 1e3).ToString("0.#", CultureInfo.InvariantCulture) + "k",
            < 1e-3 => value.ToString("0.##e+0", CultureInfo.InvariantCulture),
            _ => value.ToString("0.####", CultureInfo.InvariantCulture),
        };
    }
}
