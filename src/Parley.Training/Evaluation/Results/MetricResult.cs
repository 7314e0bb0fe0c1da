using Parley.Tensors;

namespace Parley.Training.Evaluation.Results;

/// <summary>A number with how far it may be trusted.</summary>
/// <param name="Name">Such as acc_norm.</param>
/// <param name="Value">A proportion from 0 to 1, a perplexity, or bits per byte.</param>
/// <param name="StandardError">Of the value, over the questions.</param>
/// <param name="Low">The 95% interval's lower end.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Count">Questions behind it.</param>
/// <param name="IsHigherBetter">False for perplexity and bits per byte.</param>
public sealed record MetricResult(string Name, double Value, double StandardError, double Low, double High, int Count, bool IsHigherBetter)
{
    private const double Z = 1.959963984540054; // the normal distribution's 97.5th percentile
    private const int Resamples = 1000;
    private const ulong BootstrapStream = 0x626F6F74; // no other use of the seed draws from it

    /// <summary>
    /// The share of right answers: standard error sqrt(p (1 - p) / (n - 1)) as the harness gives it, and Wilson's score interval (1927),
    /// which stays inside 0 to 1 and has a width even when all or none are right.
    /// </summary>
    public static MetricResult Proportion(string name, IReadOnlyList<bool> right)
    {
        double n = Math.Max(1, right.Count);
        var p = right.Count(isRight => isRight) / n;
        var scale = 1 + (Z * Z / n);
        var (middle, half) = ((p + (Z * Z / (2 * n))) / scale, Z / scale * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n))));
        var error = Math.Sqrt(p * (1 - p) / Math.Max(1, n - 1));
        return new(name, p, error, Math.Max(0, middle - half), Math.Min(1, middle + half), right.Count, IsHigherBetter: true);
    }

    /// <summary>
    /// A function of two sums over the questions; its error from 1,000 bootstrap samples (Efron, 1979) drawn with Philox, so that it can be
    /// repeated, its interval their 2.5th to 97.5th percentile.
    /// </summary>
    /// <param name="name">Of the metric.</param>
    /// <param name="terms">What each question adds to the two sums.</param>
    /// <param name="of">The value from the sums.</param>
    /// <param name="isHigherBetter">Which way is good.</param>
    /// <param name="seed">Of the samples.</param>
    public static MetricResult Bootstrap(
        string name, IReadOnlyList<(double First, double Second)> terms, Func<double, double, double> of, bool isHigherBetter, ulong seed)
    {
        var samples = new double[Resamples];
        for (var sample = 0; sample < Resamples; sample++)
        {
            var (first, second) = (0.0, 0.0);
            for (var i = 0; i < terms.Count; i++)
            {
                var draw = Philox.Next(seed, BootstrapStream + (ulong)sample, (ulong)i).X;
                var term = terms[(int)(((ulong)draw * (ulong)terms.Count) >> 32)];
                (first, second) = (first + term.First, second + term.Second);
            }

            samples[sample] = of(first, second);
        }

        Array.Sort(samples);
        var mean = samples.Average();
        var error = Math.Sqrt(samples.Sum(value => (value - mean) * (value - mean)) / (Resamples - 1));
        var value = of(terms.Sum(term => term.First), terms.Sum(term => term.Second));
        return new(name, value, error, samples[(int)(0.025 * Resamples)], samples[(int)(0.975 * Resamples)], terms.Count, isHigherBetter);
    }
}
