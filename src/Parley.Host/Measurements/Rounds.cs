namespace Parley.Host.Measurements;

/// <summary>What several rounds of one measurement say.</summary>
internal static class Rounds
{
    /// <summary>The middle value, the upper one of two.</summary>
    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
