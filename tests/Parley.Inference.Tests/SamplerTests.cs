using Parley.Protocol.Generation;

namespace Parley.Inference.Tests;

/// <summary>One token from logits: the borders of every cut, the shape of the draws, and what the log-probabilities say.</summary>
public sealed class SamplerTests
{
    // e^0 : e^-1 : e^-2 : e^-3 after sorting; token 2 is the likeliest.
    private static readonly float[] Logits = [-1, -3, 0, -2];

    [Fact]
    public void ZeroTemperatureTakesTheLargestAndTheLowestOfEquals()
    {
        Assert.Equal(2, Sample(Logits, new() { Seed = 1, Temperature = 0 }).Token);
        Assert.Equal(1, Sample([0, 5, 5, 5], new() { Seed = 1, Temperature = 0 }).Token);
        Assert.Equal(0, Sample([3, 3], new() { Seed = 1, Temperature = 0, TopK = 1 }).Token);
    }

    [Theory]
    [InlineData(1f, 0, 1f, 0f)]
    [InlineData(0.5f, 0, 1f, 0f)]
    [InlineData(1f, 7, 1f, 0f)]
    [InlineData(1f, 0, 0.8f, 0f)]
    [InlineData(1f, 0, 1f, 0.2f)]
    [InlineData(2f, 12, 0.9f, 0.05f)]
    public void DrawsFollowTheTransformedDistribution(float temperature, int topK, float topP, float minP)
    {
        const int draws = 20_000;
        var logits = Enumerable.Range(0, 19).Select(i => MathF.Sin(i * 1.7f) * 2).ToArray();
        var sampling = new SamplingParams { Seed = 42, Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        var expected = Reference(logits, sampling);
        var seen = new int[logits.Length];
        var sampler = new Sampler(logits.Length);
        for (var position = 0; position < draws; position++)
        {
            seen[sampler.Sample(logits, Request(sampling), null, position).Token!.Value]++;
        }

        Assert.All(seen.Zip(expected), pair => Assert.True(pair.Second > 0 || pair.First == 0));
        var chiSquare = seen.Zip(expected).Where(pair => pair.Second > 0).Sum(pair => Math.Pow(pair.First - draws * pair.Second, 2) / (draws * pair.Second));
        // 18 degrees of freedom at most: 42.3 is passed once in a thousand.
        Assert.True(chiSquare < 42.3, $"chi-square {chiSquare}");
    }

    [Theory]
    [InlineData(1, new[] { 2 })]
    [InlineData(2, new[] { 0, 2 })]
    [InlineData(4, new[] { 0, 1, 2, 3 })]
    [InlineData(100, new[] { 0, 1, 2, 3 })]
    public void TopKKeepsTheLargest(int topK, int[] kept) => Assert.Equal(kept, Reached(Logits, new() { Seed = 3, TopK = topK }));

    [Fact]
    public void TopKBreaksTiesByTheLowerId() => Assert.Equal([0, 1], Reached([1, 1, 1, 1], new() { Seed = 3, TopK = 2 }));

    // Probabilities: 0.644, 0.237, 0.087, 0.032.
    [Theory]
    [InlineData(1e-6f, new[] { 2 })]
    [InlineData(0.64f, new[] { 2 })]
    [InlineData(0.65f, new[] { 0, 2 })]
    [InlineData(0.88f, new[] { 0, 2 })]
    [InlineData(0.97f, new[] { 0, 1, 2, 3 })]
    [InlineData(0.96f, new[] { 0, 2, 3 })]
    public void TopPKeepsTheSmallestSetThatReachesIt(float topP, int[] kept) => Assert.Equal(kept, Reached(Logits, new() { Seed = 3, TopP = topP }));

    [Theory]
    [InlineData(0.04f, new[] { 0, 1, 2, 3 })]
    [InlineData(0.05f, new[] { 0, 2, 3 })]
    [InlineData(0.3f, new[] { 0, 2 })]
    [InlineData(0.999f, new[] { 2 })]
    public void MinPIsAFractionOfTheLikeliest(float minP, int[] kept) => Assert.Equal(kept, Reached(Logits, new() { Seed = 3, MinP = minP }));

    [Fact]
    public void OneTokenOnlyWhenTheOthersAreImpossible()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity];
        Assert.Equal([1], Reached(logits, new() { Seed = 3 }));
        Assert.Equal([1], Reached(logits, new() { Seed = 3, TopP = 0.99f }));
        Assert.Equal([1], Reached([0, 100, 0], new() { Seed = 3, Temperature = 1e-30f }));
    }

    [Fact]
    public void PenaltiesCountWhatWasSeenAndWhatWasGenerated()
    {
        var sampling = new SamplingParams { Seed = 1, RepetitionPenalty = 2, PresencePenalty = 0.5f, FrequencyPenalty = 0.25f };
        var request = Request(sampling) with { Prompt = new[] { 0, 1 }, ResumeFrom = new[] { 1, 3, 3 } };
        float[] logits = [2, 4, 4, -1];
        TokenCounts.For(request)!.Penalize(logits, sampling);
        Assert.Equal([1, 2 - 0.75f, 4, -2 - 1f], logits);
        Assert.Null(TokenCounts.For(Request(new() { Seed = 1 })));
    }

    [Fact]
    public void ADrawDependsOnSeedChoiceAndPositionAlone()
    {
        var logits = new float[50];
        var sampling = new SamplingParams { Seed = 5 };
        int[] Draws(ulong seed, int choice, int from) =>
            [.. Enumerable.Range(from, 40).Select(position => Sample(logits, sampling with { Seed = seed }, choice, position).Token!.Value)];
        Assert.Equal(Draws(5, 0, 0), Draws(5, 0, 0));
        Assert.NotEqual(Draws(5, 0, 0), Draws(6, 0, 0));
        Assert.NotEqual(Draws(5, 0, 0), Draws(5, 1, 0));
        Assert.Equal(Draws(5, 0, 0)[7..], Draws(5, 0, 7)[..33]);
    }

    [Fact]
    public void LogProbabilitiesAreOfTheDistributionBeforeAndAfter()
    {
        var output = new Sampler(4).Sample(Logits, Request(new() { Seed = 9, TopK = 2, Temperature = 0.5f }) with { TopLogProbabilities = 3 }, null, 0);
        var total = Logits.Sum(logit => Math.Exp(logit));
        Assert.Equal([2, 0, 3], output.Top!.Select(entry => entry.Token));
        Assert.All(output.Top!, entry => Assert.Equal(Math.Log(Math.Exp(Logits[entry.Token]) / total), entry.LogProbability, 6));
        Assert.Equal(Math.Log(Math.Exp(Logits[output.Token!.Value]) / total), output.LogProbability, 6);
        var after = Math.Exp(Logits[output.Token.Value] * 2) / (1 + Math.Exp(-2));
        Assert.Equal(Math.Log(after), output.SampledLogProbability, 6);
        Assert.Equal(0, new Sampler(4).Sample(Logits, Request(new() { Seed = 9, Temperature = 0 }) with { TopLogProbabilities = 0 }, null, 0).SampledLogProbability);
    }

    [Fact]
    public void LargestValuesAreSortedAndComplete()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, random.Next(1, 60)).Select(_ => (float)random.Next(8)).ToArray();
            var target = new Candidate[random.Next(1, values.Length + 1)];
            LargestValues.Select(values, target);
            var expected = values.Select((value, i) => new Candidate(i, value)).OrderByDescending(c => c.Value).ThenBy(c => c.Token).Take(target.Length);
            Assert.Equal(expected, target);
        }
    }

    private static double[] Reference(float[] logits, SamplingParams sampling)
    {
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ToArray();
        var weights = logits.Select(logit => Math.Exp((logit - logits.Max()) / sampling.Temperature)).ToArray();
        var kept = order.Take(sampling.TopK == 0 ? order.Length : sampling.TopK).Where(i => weights[i] >= sampling.MinP).ToArray();
        var total = kept.Sum(i => weights[i]);
        double sum = 0;
        var nucleus = kept.TakeWhile(i =>
        {
            var goesOn = sum < sampling.TopP * total;
            sum += weights[i];
            return goesOn;
        }).ToHashSet();
        var nucleusTotal = nucleus.Sum(i => weights[i]);
        return [.. weights.Select((weight, i) => nucleus.Contains(i) ? weight / nucleusTotal : 0)];
    }

    private static int[] Reached(float[] logits, SamplingParams sampling) =>
        [.. Enumerable.Range(0, 2000).Select(position => Sample(logits, sampling, 0, position).Token!.Value).Distinct().Order()];

    private static EngineOutput Sample(float[] logits, SamplingParams sampling, int choice = 0, int position = 0) =>
        new Sampler(logits.Length).Sample(logits, Request(sampling) with { Choice = choice }, null, position);

    private static EngineRequest Request(SamplingParams sampling) => new() { Prompt = new[] { 0 }, Sampling = sampling };
}
