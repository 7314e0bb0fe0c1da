using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference.Tests;

/// <summary>A decoder's hidden states as vectors: the right rows, and the same bits however and among whatever they are computed.</summary>
public sealed class PoolingTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(Pooling.Last)]
    [InlineData(Pooling.First)]
    [InlineData(Pooling.Mean)]
    public async Task ThePooledRowsAreTheForwardPasss(Pooling pooling)
    {
        var request = Embed(37, 5, pooling);
        var rows = Hidden(request.Prompt);
        var expected = pooling switch
        {
            Pooling.Last => rows[^1],
            Pooling.First => rows[0],
            _ => Enumerable.Range(0, rows[0].Length).Select(i => (float)rows.Average(row => (double)row[i])).ToArray(),
        };
        var vector = await Alone(request);
        Assert.All(vector.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    [Theory]
    [InlineData(Pooling.Last)]
    [InlineData(Pooling.Mean)]
    public async Task TheSameAloneAndAmongAnswersInChunksAndPreempted(Pooling pooling)
    {
        var wanted = Enumerable.Range(0, 6).Select(i => Embed(9 + (i * 13), (ulong)(40 + i), pooling)).ToArray();
        var alone = new List<float[]>();
        foreach (var request in wanted)
        {
            alone.Add(await Alone(request));
        }

        foreach (var options in (EngineOptions[])[new(), new() { PrefillChunk = 7 }, new() { CacheBlocks = 9, MaxBatchTokens = 33 }, new() { PrefixCache = false, SpeculativeTokens = 4 }])
        {
            await using var driver = new EngineDriver(_decoder, options, threads: 2);
            var answers = Enumerable.Range(0, 6).Select(i => Requests.Of(5 + i, (ulong)(70 + i), maxTokens: 30)).ToArray();
            var outputs = driver.Run([.. answers.Zip(wanted).SelectMany(pair => new[] { pair.First, pair.Second })]);
            for (var i = 0; i < wanted.Length; i++)
            {
                var end = Assert.Single(outputs[(2 * i) + 1]);
                Assert.Null(end.Token);
                Assert.Equal(alone[i], end.Vector);
                Assert.Equal(30, outputs[2 * i].Tokens().Length);
            }

            Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
        }
    }

    [Fact]
    public async Task APromptThatTheCacheHoldsPoolsTheSame()
    {
        await using var driver = new EngineDriver(_decoder);
        var prompt = Requests.Prompt(60, 3);
        driver.Run(Requests.Of(1, 3) with { Prompt = prompt });
        var last = Assert.Single(driver.Run(Embed(60, 3, Pooling.Last))[0]);
        var mean = Assert.Single(driver.Run(Embed(60, 3, Pooling.Mean))[0]);
        Assert.Equal((48, 0), (last.CachedTokens, mean.CachedTokens));
        Assert.Equal(await Alone(Embed(60, 3, Pooling.Last)), last.Vector);
        Assert.Equal(await Alone(Embed(60, 3, Pooling.Mean)), mean.Vector);
    }

    [Fact]
    public async Task APromptMayFillTheContextAndNoMore()
    {
        var full = Embed(TinyModel.Config.ContextLength, 2, Pooling.Mean);
        Assert.Equal(TinyModel.Config.HiddenSize, (await Alone(full)).Length);
        await using var driver = new EngineDriver(_decoder);
        var error = Assert.Throws<ArgumentException>(() => driver.Engine.Submit(Embed(TinyModel.Config.ContextLength + 1, 2, Pooling.Mean)));
        Assert.Contains("97 tokens and the context holds 96", error.Message, StringComparison.Ordinal);
    }

    private static EngineRequest Embed(int length, ulong seed, Pooling pooling) => Requests.Of(length, seed, maxTokens: 0) with { Pooling = pooling };

    private async Task<float[]> Alone(EngineRequest request)
    {
        await using var driver = new EngineDriver(_decoder);
        return Assert.Single(driver.Run(request)[0]).Vector!;
    }

    private float[][] Hidden(ReadOnlyMemory<int> tokens)
    {
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        return [.. _decoder.Forward(new Operations(context, arena), tokens, AttentionBatch.Whole(1, tokens.Length)).ToArray().Chunk(_decoder.Config.HiddenSize)];
    }
}
