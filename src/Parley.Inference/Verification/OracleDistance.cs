namespace Parley.Inference.Verification;

/// <summary>How far logits are from exact ones.</summary>
/// <param name="Relative">Root mean square of the difference over the standard deviation of the exact logits.</param>
/// <param name="Largest">Largest difference of a logit.</param>
/// <param name="Divergence">Mean over positions of KL(exact || ours), in nats.</param>
/// <param name="LargestDivergence">That of the position where it is largest.</param>
public sealed record OracleDistance(double Relative, double Largest, double Divergence, double LargestDivergence)
{
    /// <param name="rows">Our logits by the index of the position; infinitely far when one is missing.</param>
    public static OracleDistance Between(OracleFile file, IReadOnlyDictionary<int, float[]> rows)
    {
        var (squares, largest, divergence, largestDivergence) = (0.0, 0.0, 0.0, 0.0);
        for (var index = 0; index < file.Positions.Length; index++)
        {
            var exact = file.Logits.AsSpan(index * file.Vocabulary, file.Vocabulary);
            if (!rows.TryGetValue(index, out var ours) || ours.Length != exact.Length)
            {
                return new OracleDistance(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
            }

            for (var token = 0; token < exact.Length; token++)
            {
                var difference = Math.Abs((double)ours[token] - exact[token]);
                squares += difference * difference;
                largest = Math.Max(largest, difference);
            }

            var here = KullbackLeibler(exact, ours);
            divergence += here / file.Positions.Length;
            largestDivergence = Math.Max(largestDivergence, here);
        }

        return new OracleDistance(Math.Sqrt(squares / file.Logits.Length) / file.LogitsDeviation, largest, divergence, largestDivergence);
    }

    public bool IsWithin(OracleTolerance tolerance) =>
        Relative <= tolerance.Distance && Largest <= tolerance.Largest && Divergence <= tolerance.Divergence && LargestDivergence <= tolerance.LargestDivergence;

    private static double KullbackLeibler(ReadOnlySpan<float> exact, ReadOnlySpan<float> ours)
    {
        var (exactNormaliser, ourNormaliser) = (LogSumExp(exact), LogSumExp(ours));
        var sum = 0.0;
        for (var token = 0; token < exact.Length; token++)
        {
            var logarithm = exact[token] - exactNormaliser;
            sum += Math.Exp(logarithm) * (logarithm - (ours[token] - ourNormaliser));
        }

        return sum;
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit);
        }

        return Math.Log(sum);
    }
}
