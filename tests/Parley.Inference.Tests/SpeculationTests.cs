using Parley.Models;
using Parley.Protocol.Generation;

namespace Parley.Inference.Tests;

/// <summary>Guessing ahead saves steps and changes nothing: tokens, log-probabilities, ends, with every way of sampling.</summary>
public sealed class SpeculationTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(new[] { 1, 2, 3, 9, 1, 2, 3 }, 3, new[] { 9, 1, 2 })]
    [InlineData(new[] { 7, 5, 7, 5 }, 5, new[] { 7, 5, 7, 5, 7 })] // past the end of the text the guess goes on from itself
    [InlineData(new[] { 4, 4, 4 }, 2, new[] { 4, 4 })]
    [InlineData(new[] { 1, 2, 8, 1, 2, 9, 1, 2 }, 1, new[] { 9 })] // the latest of several
    [InlineData(new[] { 6, 1, 2, 3, 8, 0, 2, 3, 9, 1, 2, 3 }, 1, new[] { 8 })] // the longest match before the latest
    [InlineData(new[] { 1, 2, 3, 4 }, 3, new int[0])]
    [InlineData(new[] { 1 }, 3, new int[0])]
    public void ATextIsExpectedToRepeatItself(int[] tokens, int length, int[] expected)
    {
        var draft = new int[length];
        Assert.Equal(expected, draft[..PromptLookup.Propose(tokens, draft)]);
    }

    [Fact]
    public void FailuresMakeItPauseAndASuccessMakesItBold()
    {
        var pace = new DraftPace();
        Assert.Equal(4, pace.Next(10));
        pace.Learn(4, 4);
        Assert.Equal(8, pace.Next(10));
        Assert.Equal(3, pace.Next(3));
        foreach (var pause in new[] { 16, 32, 64 })
        {
            for (var miss = 0; miss < 3; miss++)
            {
                Assert.InRange(pace.Next(10), 1, 8);
                pace.Learn(2, 0);
            }

            Assert.All(Enumerable.Range(0, pause), _ => Assert.Equal(0, pace.Next(10)));
        }

        Assert.Equal(1, pace.Next(10));
    }

    [Fact]
    public async Task NothingButTheNumberOfStepsChanges()
    {
        foreach (var request in Variety())
        {
            await using var plain = new EngineDriver(_decoder);
            await using var guessing = new EngineDriver(_decoder, new() { SpeculativeTokens = 8 });
            SameInSameOutTests.AssertSame(plain.Run(request)[0], guessing.Run(request)[0]);
            Assert.Equal(guessing.Blocks.Total, guessing.Blocks.Free);
        }
    }

    [Fact]
    public async Task ARepetitiveAnswerTakesFewerSteps()
    {
        // Greedy and penalised the other way round: what was said is said again.
        var request = Requests.Of(8, 3, maxTokens: 80, temperature: 0) with { Sampling = new SamplingParams { Seed = 1, Temperature = 0, FrequencyPenalty = -2 } };
        await using var driver = new EngineDriver(_decoder, new() { SpeculativeTokens = 8 });
        var reader = driver.Engine.Submit(request);
        var steps = 0;
        while (driver.Engine.Step())
        {
            steps++;
        }

        Assert.Equal(80, EngineDriver.Drain(reader).Tokens().Length);
        Assert.InRange(steps, 10, 30);
        var metrics = driver.Engine.Metrics;
        Assert.InRange(metrics.AcceptedTokens, 50, metrics.DraftTokens);
        Assert.Equal(80, metrics.GenerationTokens);
        Assert.Equal(80, steps + metrics.AcceptedTokens);
    }

    [Fact]
    public async Task GuessesTakeNobodysTokensOrBlocks()
    {
        var requests = Enumerable.Range(0, 6).Select(i => Requests.Of(20, (ulong)i, maxTokens: 60, temperature: 0)).ToArray();
        await using var driver = new EngineDriver(_decoder, new() { SpeculativeTokens = 8, MaxBatchTokens = 16, MaxSequences = 6, CacheBlocks = 30 });
        var outputs = driver.Run(requests);
        Assert.All(outputs, output => Assert.Equal(60, output.Tokens().Length));
        Assert.Equal(0, driver.Scheduler.Preemptions); // 6 x 5 blocks fit exactly, and no guess may take one away
    }

    private static IEnumerable<EngineRequest> Variety()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var request = Requests.Of(30, (ulong)seed, maxTokens: 60) with { TopLogProbabilities = 1 };
            yield return request with { Sampling = new() { Seed = 1, Temperature = 0 } };
            yield return request with { Sampling = new() { Seed = 1, Temperature = 0.4f, TopK = 3 } };
            yield return request with { Sampling = new() { Seed = 1, Temperature = 0.6f, FrequencyPenalty = -1.5f, RepetitionPenalty = 0.8f } };
            yield return request with { Sampling = new() { Seed = 1, Temperature = 0, FrequencyPenalty = -2 }, StopTokenIds = [seed * 7] };
        }
    }
}
