using Parley.Inference.Verification;

namespace Parley.Inference.Tests;

/// <summary>Each figure of a comparison is held to its own tolerance.</summary>
public sealed class OracleDistanceTests
{
    private static readonly OracleTolerance Tolerance = new("int8", 0.08, 2.5, 0.025, 0.25, 1);

    [Theory]
    [InlineData(0.079, 2.4, 0.024, 0.24, true)]
    [InlineData(0.081, 2.4, 0.024, 0.24, false)]
    [InlineData(0.079, 2.6, 0.024, 0.24, false)]
    [InlineData(0.079, 2.4, 0.026, 0.24, false)]
    [InlineData(0.079, 2.4, 0.024, 0.26, false)]
    [InlineData(double.NaN, 2.4, 0.024, 0.24, false)]
    public void A_distance_is_within_when_all_its_figures_are(double relative, double largest, double divergence, double largestDivergence, bool within) =>
        Assert.Equal(within, new OracleDistance(relative, largest, divergence, largestDivergence).IsWithin(Tolerance));
}
