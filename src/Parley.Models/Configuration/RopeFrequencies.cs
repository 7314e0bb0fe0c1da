namespace Parley.Models;

/// <summary>The radians per position of each rotated pair, and the magnitude, that a configuration asks for. Pure, in double.</summary>
internal static class RopeFrequencies
{
    /// <param name="local">True for layers with a sliding window where those have a base of their own: it is used unscaled.</param>
    public static (double[] Frequencies, double Magnitude) Of(ModelConfig config, bool local)
    {
        var theta = local ? config.LocalRopeTheta : config.RopeTheta;
        var frequencies = new double[config.RotatedWidth / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Math.Pow(theta, -2.0 * i / config.RotatedWidth);
        }

        return local || config.RopeScaling is not { } scaling ? (frequencies, 1) : Scale(config, scaling, frequencies);
    }

    private static (double[] Frequencies, double Magnitude) Scale(ModelConfig config, RopeScaling scaling, double[] frequencies)
    {
        var isLong = scaling.Kind == RopeScalingKind.LongRope && config.ContextLength > scaling.OriginalContext;
        frequencies = Divide(frequencies, isLong ? scaling.LongFactors : scaling.Factors);
        var given = scaling.AttentionFactor == 0 ? (double?)null : scaling.AttentionFactor;
        switch (scaling.Kind)
        {
            case RopeScalingKind.Linear:
                return (Array.ConvertAll(frequencies, frequency => frequency / scaling.Factor), given ?? 1);
            case RopeScalingKind.Llama3:
                return (Array.ConvertAll(frequencies, frequency => Llama3(frequency, scaling)), given ?? 1);
            case RopeScalingKind.Yarn:
                return (Yarn(frequencies, config, scaling), given ?? YarnMagnitude(scaling.Factor));
            case RopeScalingKind.LongRope:
                return (frequencies, given ?? LongRopeMagnitude(config, scaling));
            default:
                return (frequencies, given ?? 1);
        }
    }

    /// <summary>The magnitude of the YaRN paper, equation 22: 0.1 ln(factor) + 1.</summary>
    internal static double YarnMagnitude(double factor) => factor <= 1 ? 1 : 0.1 * Math.Log(factor) + 1;

    private static double[] Divide(double[] frequencies, NumberList factors) => factors.Count == 0
        ? frequencies
        : [.. frequencies.Zip(factors, static (frequency, factor) => frequency / factor)];

    private static double Llama3(double frequency, RopeScaling scaling)
    {
        var turns = scaling.OriginalContext * frequency / (2 * Math.PI); // within the original context
        if (turns > scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        var stays = Math.Max(0, (turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor));
        return (1 - stays) * frequency / scaling.Factor + stays * frequency;
    }

    // Pairs below `first` keep their frequency, pairs from `last` on have it divided; a straight line between.
    private static double[] Yarn(double[] frequencies, ModelConfig config, RopeScaling scaling)
    {
        var width = config.RotatedWidth;
        var (first, last) = (Pair(scaling.BetaFast), Pair(scaling.BetaSlow));
        (first, last) = scaling.WholePairs ? (Math.Floor(first), Math.Ceiling(last)) : (first, last);
        (first, last) = (Math.Max(0, first), Math.Min(width - 1, last));
        return [.. frequencies.Select((frequency, i) =>
        {
            var stretched = Math.Clamp((i - first) / Math.Max(0.001, last - first), 0, 1);
            return stretched * frequency / scaling.Factor + (1 - stretched) * frequency;
        })];

        double Pair(double turns) => width * Math.Log(scaling.OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(config.RopeTheta));
    }

    private static double LongRopeMagnitude(ModelConfig config, RopeScaling scaling)
    {
        var factor = scaling.Factor == 1 ? (double)config.ContextLength / scaling.OriginalContext : scaling.Factor;
        return factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(scaling.OriginalContext));
    }
}
