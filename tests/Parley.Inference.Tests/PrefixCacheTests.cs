using Parley.Models;
using Parley.Protocol.Generation;

namespace Parley.Inference.Tests;

/// <summary>What is found again, what is not, who holds it, and that a hit changes no answer.</summary>
public sealed class PrefixCacheTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(15, 0)]
    [InlineData(16, 0)] // one token is left to compute, and it is in the only block
    [InlineData(17, 16)]
    [InlineData(32, 16)]
    [InlineData(33, 32)]
    [InlineData(70, 64)]
    public async Task WholeBlocksAreFoundAgainAndOneTokenIsLeft(int length, int cached)
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(length, 5) with { TopLogProbabilities = 2 };
        var cold = driver.Run(request)[0];
        var warm = driver.Run(request with { Id = Guid.CreateVersion7() })[0];
        Assert.Equal((0, cached), (cold[0].CachedTokens, warm[0].CachedTokens));
        SameInSameOutTests.AssertSame(cold, warm);
        Assert.Equal((2 * length, cached), (driver.Engine.Metrics.PrefixQueries, driver.Engine.Metrics.PrefixHits));
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task GeneratedTokensAreFoundAgainToo()
    {
        await using var driver = new EngineDriver(_decoder);
        var first = Requests.Of(10, 6, maxTokens: 40);
        int[] conversation = [.. first.Prompt.Span, .. driver.Run(first)[0].Tokens(), 1, 2, 3];
        var next = driver.Run(Requests.Of(1, 7) with { Prompt = conversation })[0];
        Assert.Equal(48, next[0].CachedTokens); // 53 tokens: three whole blocks of prompt and answer
    }

    [Fact]
    public async Task AnotherBeginningFindsNothing()
    {
        await using var driver = new EngineDriver(_decoder);
        var request = Requests.Of(64, 8);
        driver.Run(request);
        var changed = request.Prompt.ToArray();
        changed[3] ^= 1;
        Assert.Equal(0, driver.Run(request with { Prompt = changed })[0][0].CachedTokens);
        var later = request.Prompt.ToArray();
        later[40] ^= 1;
        Assert.Equal(32, driver.Run(request with { Prompt = later })[0][0].CachedTokens);
    }

    [Fact]
    public async Task ChangedWeightsFindNothingAndRunningAnswersAreComputedAnew()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var request = Requests.Of(64, 9, maxTokens: 20);
        driver.Run(request);
        var running = driver.Engine.Submit(request);
        driver.Engine.Step();
        driver.Engine.Step();
        using (var other = TinyModel.Create(seed: 8))
        {
            foreach (var (mine, theirs) in decoder.Parameters.Zip(other.Parameters))
            {
                mine.Value.CopyFrom(theirs.Value);
                mine.MarkChanged();
            }
        }

        driver.RunDry();
        var tokens = EngineDriver.Drain(running).Tokens();
        Assert.Equal(20, tokens.Length);
        var again = driver.Run(request)[0];
        Assert.Equal(64, again[0].CachedTokens + 16); // of the new weights' own: the running answer filled them
        await using var fresh = new EngineDriver(decoder, new() { PrefixCache = false });
        SameInSameOutTests.AssertSame(fresh.Run(request)[0], again);
        Assert.Equal(tokens[2..], fresh.Run(request with { ResumeFrom = tokens.AsMemory(0, 2) })[0].Tokens());
    }

    [Fact]
    public async Task EqualPromptsThatRunSideBySideEndInOneCopy()
    {
        await using var driver = new EngineDriver(_decoder);
        var readers = Enumerable.Range(0, 4).Select(i => driver.Engine.Submit(Requests.Of(64, 10) with { Sampling = new SamplingParams { Seed = (ulong)i } })).ToArray();
        driver.Engine.Step();
        Assert.Equal(4, driver.Blocks.Used); // all four went over to the first one's blocks
        driver.Engine.Step();
        Assert.Equal(8, driver.Blocks.Used);
        driver.RunDry();
        Assert.Equal(4, readers.Select(reader => string.Join(' ', EngineDriver.Drain(reader).Tokens())).Distinct().Count());
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task TheLeastRecentlyUsedGoesFirstAndItsEndBeforeItsBeginning()
    {
        await using var driver = new EngineDriver(_decoder, new() { CacheBlocks = 8 });
        EngineRequest Prompt(ulong seed) => Requests.Of(50, seed, maxTokens: 1);
        driver.Run(Prompt(1));
        driver.Run(Prompt(2));
        Assert.Equal((8, 6), (driver.Blocks.Free, driver.Blocks.Idle));
        driver.Run(Prompt(1)); // used again: now the second prompt is the older one
        driver.Run(Prompt(3));
        Assert.Equal(48, driver.Run(Prompt(1))[0][0].CachedTokens);
        Assert.Equal(16, driver.Run(Prompt(2))[0][0].CachedTokens); // the third took two empty blocks and the last two of the second
    }

    [Fact]
    public async Task SwitchedOffNothingIsKept()
    {
        await using var driver = new EngineDriver(_decoder, new() { PrefixCache = false });
        driver.Run(Requests.Of(64, 1));
        Assert.Equal(0, driver.Run(Requests.Of(64, 1))[0][0].CachedTokens);
        Assert.Equal(0, driver.Blocks.Idle);
    }

    [Fact]
    public void CollidingHashesAreNoHits()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            var blocks = new BlockAllocator(24);
            var cache = new PrefixCache(blocks, hashMask: 7);
            var known = new Dictionary<int, string>(); // block -> all tokens up to its end
            for (var round = 0; round < 80; round++)
            {
                var prompt = Enumerable.Range(0, random.Next(17, 80)).Select(i => random.Next(2) * (i % 16 == 0 ? 1 : 0)).ToArray();
                var sequence = new Sequence(Requests.Of(1, 1) with { Prompt = prompt }, 96, round, new OutputStream(1));
                cache.Attach(sequence);
                for (var i = 0; i < sequence.BlockCount; i++)
                {
                    Assert.Equal(string.Join(' ', prompt[..((i + 1) * 16)]), known[sequence.Blocks.Span[i]]);
                }

                sequence.TryReserve(sequence.Pending, blocks);
                for (var i = sequence.Computed / 16; i < sequence.BlockCount && (i + 1) * 16 <= prompt.Length; i++)
                {
                    known[sequence.Blocks.Span[i]] = string.Join(' ', prompt[..((i + 1) * 16)]);
                }

                sequence.Advance(sequence.Pending);
                cache.Keep(sequence);
                sequence.ReleaseBlocks(blocks);
                Assert.Equal(24, blocks.Free);
            }
        }
    }
}
