using Parley.Host.Measurements;

namespace Parley.Host.Tests;

/// <summary>A row of a bench in one line says what its columns say, and leaves out what a row has nothing to say about.</summary>
public sealed class MeasurementLineTests
{
    [Theory]
    [InlineData(4.1, true, "prefill: 820.5 tokens/s, peer 200, ours / peer 4.103, limit 1,641, % of limit 50, goal 4.1")]
    [InlineData(4.5, false, "prefill: 820.5 tokens/s, peer 200, ours / peer 4.103, limit 1,641, % of limit 50, goal 4.5, missed")]
    public void Beside_a_peer(double goal, bool ok, string line) =>
        Assert.Equal(line, MeasurementTable.Line(new Measurement("prefill", "tokens/s", 820.5, 200, 820.5 / 200, 1641, goal, ok)));

    [Fact]
    public void Alone() => Assert.Equal("load: 0.64 s", MeasurementTable.Line(new Measurement("load", "s", 0.64)));
}
