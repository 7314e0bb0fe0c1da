namespace Parley.Training.Optimization;

/// <summary>
/// Knows a spike from noise: a loss is one when it lies above the median of the last 50 by more than k median absolute deviations and by more than a
/// nat. Median and MAD, because a mean and its deviation are moved by the very losses they shall judge; the nat, because the
/// losses of a model that has learnt by heart hardly deviate. Nothing is judged before 20 losses are known.
/// </summary>
/// <param name="factor">k; 0 lets everything pass.</param>
public sealed class LossMonitor(double factor)
{
    /// <summary>How many losses are remembered.</summary>
    public const int Window = 50;

    /// <summary>k unless a person says otherwise.</summary>
    public const double UsualFactor = 20;

    private const int Fewest = 20;
    private const double Least = 1;

    private readonly Queue<double> _losses = new(Window);

    /// <summary>The largest loss that would pass now; infinite while too few are known.</summary>
    public double Limit
    {
        get
        {
            if (factor <= 0 || _losses.Count < Fewest) return double.PositiveInfinity;
            var median = Median(_losses);
            return median + Math.Max(Least, factor * Median(_losses.Select(loss => Math.Abs(loss - median))));
        }
    }

    /// <summary>Remembers the loss of a step that was taken.</summary>
    public void Count(double loss)
    {
        if (_losses.Count == Window) _losses.Dequeue();
        _losses.Enqueue(loss);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
