namespace Parley.Inference.Tests;

/// <summary>The parts of the sampler against plain loops: rows of every length, ties, NaN and infinities.</summary>
public sealed class SamplingPartsTests
{
    [Fact]
    public void TheLargestValueIsTheFirstOfTheLargest()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, random.Next(1, 90)).Select(_ => random.Next(9) switch { 0 => float.NaN, 1 => float.NegativeInfinity, var value => value }).ToArray();
            var expected = values.Select((value, index) => (value, index)).Where(pair => pair.value > float.NegativeInfinity)
                .OrderByDescending(pair => pair.value).ThenBy(pair => pair.index).FirstOrDefault((value: float.NegativeInfinity, index: 0));
            Assert.Equal((expected.index, expected.value), RowMaximum.Find(values));
        }
    }

    [Fact]
    public void ANucleusIsTheSmallestSetOfTheBest()
    {
        for (var seed = 1; seed <= 500; seed++)
        {
            var random = new Random(seed);
            var kinds = random.Next(1, 400); // few kinds: many ties
            var candidates = Enumerable.Range(0, random.Next(1, 700)).Select(i => new Candidate(i, (1 + random.Next(kinds)) / 1024f)).ToArray();
            var goal = random.NextDouble() * 1.02 * Nucleus.Weight(candidates);
            double sum = 0;
            var expected = candidates.Order().TakeWhile(candidate => (sum += candidate.Value) - candidate.Value < goal).ToHashSet();
            Assert.True(expected.SetEquals(Nucleus.Select(candidates, goal).ToArray()), $"seed {seed}");
        }
    }

    [Fact]
    public void WeightsAddUpPieceByPiece()
    {
        var logits = Enumerable.Range(0, 2_500).Select(i => MathF.Sin(i) * 9).ToArray();
        var (sums, weights) = (new double[RowWeights.Pieces(logits.Length)], new float[logits.Length]);
        var total = RowWeights.Sum(logits, logits.Max(), 0.7f, sums, weights);
        Assert.Equal(logits.Sum(logit => Math.Exp((logit - logits.Max()) / 0.7)), total, 1e-3);
        Assert.Equal(total, sums.Sum());
        Assert.Equal(sums.Sum(), weights.Sum(weight => (double)weight), 1e-3);
        Assert.Equal(total, RowWeights.Sum(logits, logits.Max(), 0.7f, sums));
        var found = new Candidate[logits.Length];
        var count = RowWeights.AtLeast(weights, 0.25f, found);
        Assert.Equal(weights.Select((weight, i) => new Candidate(i, weight)).Where(candidate => candidate.Value >= 0.25f), found[..count]);
    }
}
