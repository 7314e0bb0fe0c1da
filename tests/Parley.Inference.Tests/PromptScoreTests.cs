using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference.Tests;

/// <summary>Log-probabilities of prompts and answers against a forward pass of their own, whatever chunks, neighbours and cached blocks there were.</summary>
public sealed class PromptScoreTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(null, 1)]
    [InlineData(7, 1)]
    [InlineData(16, 2)]
    public async Task AnEchoedTextHasTheLogProbabilitiesOfASeparateForwardPass(int? chunk, int threads)
    {
        await using var driver = new EngineDriver(_decoder, new() { PrefillChunk = chunk }, threads);
        driver.Run(Requests.Of(70, 1)); // fills the prefix cache with the very prompt
        var request = Requests.Of(70, 1, maxTokens: 8) with { TopLogProbabilities = 3, PromptLogProbabilities = 3 };
        var outputs = driver.Run(request, Requests.Of(33, 2))[0];
        int[] text = [.. request.Prompt.Span, .. outputs.Tokens()];
        var expected = Forward(text);
        Assert.Equal(0, outputs[0].CachedTokens);
        Assert.Equal(69, outputs[0].Prompt!.Count);
        Assert.All(outputs.Skip(1), output => Assert.Null(output.Prompt));
        for (var i = 1; i < text.Length; i++)
        {
            var (token, logProbability, top) = i < 70
                ? outputs[0].Prompt![i - 1]
                : new(outputs[i - 70].Token!.Value, outputs[i - 70].LogProbability, outputs[i - 70].Top!);
            Assert.Equal((text[i], expected[i - 1][text[i]]), (token, logProbability));
            Assert.Equal(expected[i - 1].OrderDescending().Take(3), top.Select(entry => entry.LogProbability));
            Assert.All(top, entry => Assert.Equal(expected[i - 1][entry.Token], entry.LogProbability));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task WithNothingToProduceThePromptAloneIsScored(int length)
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(length, 4, maxTokens: 0) with { TopLogProbabilities = 0, PromptLogProbabilities = 0 };
        var output = Assert.Single(driver.Run(request)[0]);
        var expected = Forward(request.Prompt.ToArray());
        Assert.Equal((null, FinishReason.Length), (output.Token, output.Finish));
        Assert.Equal(Enumerable.Range(1, length - 1).Select(i => expected[i - 1][request.Prompt.Span[i]]), output.Prompt!.Select(score => score.LogProbability));
        Assert.Equal((driver.Blocks.Total, 0L), (driver.Blocks.Free, driver.Engine.Metrics.GenerationTokens));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(17, 16)]
    [InlineData(33, 32)]
    [InlineData(48, 32)]
    [InlineData(69, 64)]
    public async Task ScoresThatBeginLaterUseTheCacheBeforeThemAndHaveTheSameBits(int from, int cached)
    {
        await using var driver = new EngineDriver(_decoder);
        var whole = Requests.Of(70, 9, maxTokens: 0) with { PromptLogProbabilities = 1 };
        var expected = driver.Run(whole)[0][0].Prompt!;
        var output = Assert.Single(driver.Run(whole with { PromptScoresFrom = from })[0]);
        Assert.Equal(cached, output.CachedTokens);
        Assert.Equal(
            expected.Skip(from - 1).Select(score => (score.Token, score.LogProbability)), (output.Prompt ?? []).Select(score => (score.Token, score.LogProbability)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(71)]
    public async Task ScoresThatBeginOutsideThePromptAreRefused(int from)
    {
        await using var driver = new EngineDriver(_decoder);
        Assert.Throws<ArgumentException>(() => driver.Run(Requests.Of(70, 9) with { PromptLogProbabilities = 1, PromptScoresFrom = from }));
    }

    [Fact]
    public async Task APreemptedPromptIsScoredOnce()
    {
        await using var driver = new EngineDriver(_decoder, new() { CacheBlocks = 6, PrefillChunk = 5 });
        var request = Requests.Of(40, 5, maxTokens: 30) with { TopLogProbabilities = 1, PromptLogProbabilities = 1 };
        var outputs = driver.Run(Requests.Of(40, 6, maxTokens: 40), request);
        Assert.True(driver.Scheduler.Preemptions > 0);
        Assert.Equal(39, outputs[1][0].Prompt!.Count);
        await using var calm = new EngineDriver(_decoder);
        var alone = calm.Run(request)[0];
        Assert.Equal(alone[0].Prompt!.Select(score => score.LogProbability), outputs[1][0].Prompt!.Select(score => score.LogProbability));
        Assert.Equal(alone.Tokens(), outputs[1].Tokens());
    }

    [Fact]
    public async Task ABiasBansOrForcesAndLeavesTheReportedProbabilitiesAlone()
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(12, 7, maxTokens: 12) with { TopLogProbabilities = 1 };
        var free = driver.Run(request)[0];
        var banned = driver.Run(request with { Sampling = request.Sampling with { LogitBias = [.. free.Tokens().Distinct().Select(token => new TokenBias(token, -100))] } })[0];
        Assert.Empty(banned.Tokens().Intersect(free.Tokens()));
        Assert.Equal(free[0].Top, banned[0].Top);
        var greedy = request with { Sampling = new() { Seed = 1, Temperature = 0, LogitBias = [new(9, 100)] } };
        Assert.Equal(Enumerable.Repeat(9, 12), driver.Run(greedy)[0].Tokens());
    }

    // The log-probabilities after each token, as the model's own code computes them with nothing around it.
    private float[][] Forward(int[] tokens)
    {
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        var config = _decoder.Config;
        var blocks = BlockAllocator.BlocksFor(tokens.Length);
        using var cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, blocks, new EngineOptions().CacheDType);
        var operations = new Operations(context, arena);
        AttentionSpan span = new(0, tokens.Length, 0, Enumerable.Range(0, blocks).ToArray());
        var logits = _decoder.Logits(operations, _decoder.Forward(operations, tokens, new AttentionBatch([span], cache)));
        var width = logits.Shape.Last;
        return
        [
            .. Enumerable.Range(0, tokens.Length).Select(row =>
            {
                var values = logits.ToHost().Slice(row * width, width).ToArray();
                var largest = values.Max();
                var sum = Math.Log(values.Sum(value => Math.Exp((double)value - largest)));
                var normalizer = LogSoftmax.Normalizer(values);
                Assert.Equal(sum, normalizer.LogSum, 1e-6);
                return values.Select(value => LogSoftmax.Of(value, normalizer)).ToArray();
            }),
        ];
    }
}
