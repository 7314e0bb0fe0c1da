using Parley.Models;

namespace Parley.Inference.Tests;

/// <summary>An encoder in the engine: whole texts, each alone in its bits, more of them than a step takes.</summary>
public sealed class EncoderEngineTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Encoder();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.First)]
    [InlineData(Pooling.Last)]
    [InlineData(Pooling.Rank)]
    public async Task ATextGetsTheSameVectorAloneAndAmongOthers(Pooling pooling)
    {
        var requests = Enumerable.Range(0, 40).Select(i => Requests.Of(1 + (i * 7 % 96), (ulong)i, maxTokens: 0) with { Pooling = pooling, SecondFrom = i % 3 == 0 ? 1 + (i / 2) : 0 }).ToArray();
        await using var together = new EngineDriver(_decoder, new() { MaxBatchTokens = 100, PrefillChunk = 5, SpeculativeTokens = 4 }, threads: 2);
        var outputs = together.Run(requests);
        Assert.Equal(together.Blocks.Total, together.Blocks.Free);
        for (var i = 0; i < requests.Length; i += 3)
        {
            await using var alone = new EngineDriver(_decoder);
            Assert.Equal(Assert.Single(alone.Run(requests[i])[0]).Vector, Assert.Single(outputs[i]).Vector);
        }

        Assert.Equal(pooling == Pooling.Rank ? 1 : _decoder.Config.HiddenSize, outputs[0][0].Vector!.Length);
        Assert.True(outputs.Select(output => output[0].Vector![0]).Distinct().Count() > 35);
    }

    [Fact]
    public async Task TheSecondTextOfAPairHasItsOwnType()
    {
        await using var driver = new EngineDriver(_decoder);
        var pair = Requests.Of(20, 3, maxTokens: 0) with { Pooling = Pooling.Rank, SecondFrom = 9 };
        var outputs = driver.Run(pair, pair with { SecondFrom = 0 }, pair with { SecondFrom = 10 });
        Assert.Equal(3, outputs.Select(output => output[0].Vector![0]).Distinct().Count());
    }

    [Fact]
    public async Task AnEncoderAnswersNothing()
    {
        await using var driver = new EngineDriver(_decoder);
        Assert.Throws<ArgumentException>(() => driver.Engine.Submit(Requests.Of(5, 1)));
        Assert.Equal(0, driver.Engine.CacheBytes);
    }
}
