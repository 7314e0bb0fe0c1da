using Parley.Models;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Sequences with different adapters, and with none, share batches and blocks, and each gets the answer that it gets alone.</summary>
public sealed class AdapterEngineTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();
    private readonly Adapter?[] _adapters;

    public AdapterEngineTests() => _adapters = [null, Create(1), Create(2), Create(3, rank: 20)];

    public void Dispose()
    {
        foreach (var adapter in _adapters)
        {
            adapter?.Dispose();
        }

        _decoder.Dispose();
    }

    [Fact]
    public async Task AnAdapterGivesTheAnswersOfMergedWeights()
    {
        foreach (var adapter in _adapters[1..])
        {
            var request = Requests.Of(33, 5) with { TopLogProbabilities = 0 };
            using var merged = AdapterMerge.Merge(_decoder, adapter!);
            await using var other = new EngineDriver(merged);
            var (expected, actual) = (other.Run(request)[0], await RunAlone(request with { Adapter = adapter }));
            Assert.Equal(expected.Tokens(), actual.Tokens());
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 1e-4f));
            Assert.NotEqual((await RunAlone(request)).Tokens(), actual.Tokens());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SeveralInOneBatchAreEachTheSameAsAlone(int threads)
    {
        var requests = Enumerable.Range(0, 20).Select(Request).ToArray();
        await using var driver = new EngineDriver(_decoder, threads: threads);
        var together = driver.Run(requests);
        for (var i = 0; i < requests.Length; i++)
        {
            SameInSameOutTests.AssertSame(await RunAlone(requests[i]), together[i]);
        }

        var again = driver.Run(requests); // now from the prefix cache
        Assert.Contains(again, outputs => outputs[0].CachedTokens > 0);
        Assert.All(together.Zip(again), pair => SameInSameOutTests.AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public async Task InRandomSchedulesOfEverything()
    {
        var pool = Enumerable.Range(0, 16).Select(Request).ToArray();
        var expected = new IReadOnlyList<EngineOutput>[pool.Length];
        for (var i = 0; i < pool.Length; i++)
        {
            expected[i] = await RunAlone(pool[i]);
        }

        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var options = new EngineOptions
            {
                MaxSequences = random.Next(2, 12),
                MaxBatchTokens = random.Next(12, 80),
                PrefillChunk = random.Next(2) == 0 ? null : random.Next(1, 40),
                CacheBlocks = random.Next(6, 30),
                SpeculativeTokens = random.Next(2) * 3,
            };
            await using var driver = new EngineDriver(_decoder, options, threads: 1 + (seed % 2));
            var order = Enumerable.Range(0, pool.Length).OrderBy(_ => random.Next()).ToArray();
            var readers = order.Select(i => (Index: i, Reader: driver.Engine.Submit(pool[i]))).ToArray();
            driver.RunDry();
            Assert.All(readers, pair => SameInSameOutTests.AssertSame(expected[pair.Index], EngineDriver.Drain(pair.Reader)));
            Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
        }
    }

    [Fact]
    public async Task PreemptedOrNot()
    {
        // Without a prefix cache everything that is given up is computed again, with the adapter that it was computed with.
        var requests = Enumerable.Range(0, 8).Select(i => Requests.Of(20 + i, (ulong)(30 + i), maxTokens: 40) with { Adapter = _adapters[i % 4], TopLogProbabilities = 0 }).ToArray();
        foreach (var prefixCache in (bool[])[false, true])
        {
            await using var tight = new EngineDriver(_decoder, new() { CacheBlocks = 9, PrefixCache = prefixCache });
            var preempted = tight.Run(requests);
            Assert.True(tight.Scheduler.Preemptions >= 4, $"{tight.Scheduler.Preemptions} preemptions");
            for (var i = 0; i < requests.Length; i++)
            {
                SameInSameOutTests.AssertSame(await RunAlone(requests[i]), preempted[i]);
            }
        }
    }

    [Fact]
    public async Task ThePrefixCacheNeverMixesThem()
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(65, 9) with { TopLogProbabilities = 0 };
        foreach (var adapter in _adapters)
        {
            var cold = driver.Run(request with { Adapter = adapter })[0];
            Assert.Equal(0, cold[0].CachedTokens); // what other weights filled is not found
            SameInSameOutTests.AssertSame(await RunAlone(request with { Adapter = adapter }), cold);
        }

        foreach (var adapter in _adapters)
        {
            Assert.Equal(64, driver.Run(request with { Adapter = adapter })[0][0].CachedTokens);
        }
    }

    [Fact]
    public async Task ItGoesByContents()
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(65, 9);
        driver.Run(request with { Adapter = _adapters[1] });
        using var same = Create(1);
        Assert.Equal(64, driver.Run(request with { Adapter = same })[0][0].CachedTokens);
        same.Parameters[1].Value.Fill(0.1f); // a round of training
        same.Parameters[1].MarkChanged();
        Assert.Equal(0, driver.Run(request with { Adapter = same })[0][0].CachedTokens);
    }

    [Fact]
    public async Task ItIsFreedWhenTheLastSequenceHasEnded()
    {
        await using var driver = new EngineDriver(_decoder);
        var adapter = Create(4);
        var request = Requests.Of(20, 1, maxTokens: 30) with { Adapter = adapter, TopLogProbabilities = 0 };
        var expected = await RunAlone(request);
        var (whole, stopped) = (driver.Engine.Submit(request), driver.Engine.Submit(Requests.Of(20, 2) with { Adapter = adapter }));
        driver.Engine.Step();
        adapter.Dispose();
        Assert.False(adapter.IsFreed);
        driver.RunDry();
        Assert.True(adapter.IsFreed);
        SameInSameOutTests.AssertSame(expected, EngineDriver.Drain(whole));
        Assert.Equal(24, EngineDriver.Drain(stopped).Tokens().Length);
    }

    [Fact]
    public async Task RefusedCancelledAndAbandonedSequencesLetGoToo()
    {
        var adapter = Create(4);
        await using (var driver = new EngineDriver(_decoder, new() { MaxWaiting = 2 }))
        {
            var request = Requests.Of(20, 1) with { Adapter = adapter };
            driver.Engine.Submit(request);
            Assert.Throws<Protocol.Errors.ParleyException>(() => driver.Engine.Submit(request, request));
            Assert.Throws<ArgumentException>(() => driver.Engine.Submit(request with { Adapter = Freed() }));
            driver.Engine.Cancel(request.Id);
            driver.Engine.Step();
            var resumed = request with { ResumeFrom = new int[24] };
            driver.Engine.Submit(resumed); // at its end already
            driver.Engine.Submit(request);
            driver.Engine.Step();
            adapter.Dispose();
            Assert.False(adapter.IsFreed);
        }

        Assert.True(adapter.IsFreed);
    }

    [Fact]
    public async Task OneOfAnotherModelIsRefused()
    {
        await using var driver = new EngineDriver(_decoder);
        using var other = TinyAdapters.Create(TinyModel.Config with { IntermediateSize = 64 }, 1);
        Assert.Contains("shape", Assert.Throws<ArgumentException>(() => driver.Engine.Submit(Requests.Of(3, 1) with { Adapter = other })).Message, StringComparison.Ordinal);
    }

    private static Adapter Create(ulong seed, int rank = 3) => TinyAdapters.Create(TinyModel.Config, seed, rank);

    private static Adapter Freed()
    {
        var adapter = Create(1);
        adapter.Dispose();
        return adapter;
    }

    // Equal prompts under different adapters: what one fills the next must not find.
    private EngineRequest Request(int index) => Requests.Of(20 + (index / 4), (ulong)(index / 4), maxTokens: 12 + index) with
    {
        Adapter = _adapters[index * 7 % 4],
        TopLogProbabilities = 0,
    };

    private async Task<IReadOnlyList<EngineOutput>> RunAlone(EngineRequest request)
    {
        await using var driver = new EngineDriver(_decoder);
        return driver.Run(request)[0];
    }
}
