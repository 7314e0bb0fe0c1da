using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference.Tests;

/// <summary>The life of a sequence in the engine: how it ends, how it is stopped, what is refused, and that its blocks come back.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task AnAnswerEndsAtItsLimitOrTheContextOrAStopToken()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var limited = driver.Run(Requests.Of(5, 1, maxTokens: 7))[0];
        Assert.Equal((7, FinishReason.Length), (limited.Tokens().Length, limited.Finish()!.Value));

        var full = driver.Run(Requests.Of(90, 1) with { MaxOutputTokens = null })[0];
        Assert.Equal((6, FinishReason.Length), (full.Tokens().Length, full.Finish()!.Value));

        var stopAt = limited.Tokens()[4];
        var stopped = driver.Run(Requests.Of(5, 1, maxTokens: 7) with { StopTokenIds = [stopAt] })[0];
        var expected = limited.Tokens()[..(Array.IndexOf(limited.Tokens(), stopAt) + 1)];
        Assert.Equal(expected, stopped.Tokens());
        Assert.Equal(FinishReason.Stop, stopped.Finish());
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task CancellingFreesTheBlocksBeforeTheNextStep()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var stays = Requests.Of(40, 2);
        var goes = Requests.Of(40, 3);
        var (stayingReader, goingReader) = (driver.Engine.Submit(stays), driver.Engine.Submit(goes));
        driver.Engine.Step();
        driver.Engine.Step();
        Assert.Equal(6, driver.Blocks.Used);
        driver.Engine.Cancel(goes.Id);
        driver.Engine.Step();
        Assert.Equal(3, driver.Blocks.Used);
        var outputs = EngineDriver.Drain(goingReader);
        Assert.Equal((2, FinishReason.Cancelled), (outputs.Tokens().Length, outputs.Finish()!.Value));
        Assert.True(goingReader.Completion.IsCompletedSuccessfully);
        driver.RunDry();
        Assert.Equal(24, EngineDriver.Drain(stayingReader).Tokens().Length);
    }

    [Fact]
    public async Task OneChoiceOfManyCanBeCancelled()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var first = Requests.Of(10, 4, maxTokens: 9);
        var reader = driver.Engine.Submit(first, first with { Choice = 1 });
        driver.Engine.Step();
        driver.Engine.Cancel(first.Id, 1);
        driver.RunDry();
        var outputs = EngineDriver.Drain(reader).ToLookup(output => output.Choice);
        Assert.Equal((9, FinishReason.Length), (outputs[0].ToArray().Tokens().Length, outputs[0].Last().Finish!.Value));
        Assert.Equal((1, FinishReason.Cancelled), (outputs[1].ToArray().Tokens().Length, outputs[1].Last().Finish!.Value));
        Assert.True(reader.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task AFullQueueRefusesAllOrNothingAndRecovers()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder, new() { MaxWaiting = 2, ModelName = "tiny" });
        driver.Engine.Submit(Requests.Of(4, 1));
        var two = Requests.Of(4, 2);
        var error = Assert.Throws<ParleyException>(() => driver.Engine.Submit(two, two with { Choice = 1 }));
        Assert.Equal((429, "queue_full"), (error.Status, error.Error.Code));
        Assert.Contains("tiny", error.Message, StringComparison.Ordinal);
        driver.Engine.Submit(Requests.Of(4, 3));
        driver.Engine.Step(); // both are admitted now
        driver.Engine.Submit(two, two with { Choice = 1 });
        driver.RunDry();
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task BadRequestsAreRefusedWithTheNumbers()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        Assert.Contains("empty", Refusal(new EngineRequest { Prompt = default, Sampling = new() { Seed = 1 } }), StringComparison.Ordinal);
        Assert.Contains("96 tokens", Refusal(Requests.Of(96, 1)), StringComparison.Ordinal);
        Assert.Contains("72", Refusal(Requests.Of(3, 1) with { Prompt = new[] { 1, 72 } }), StringComparison.Ordinal);
        Assert.Contains("-1", Refusal(Requests.Of(3, 1) with { ResumeFrom = new[] { -1 } }), StringComparison.Ordinal);
        string Refusal(EngineRequest request) => Assert.Throws<ArgumentException>(() => driver.Engine.Submit(request)).Message;
    }

    [Fact]
    public async Task ACacheSmallerThanTheContextShortensTheContext()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder, new() { CacheBlocks = 3 });
        Assert.Equal(48, driver.Engine.ContextLength);
        Assert.Equal(3 * 16 * 2 * 2 * 16 * 2 * sizeof(float), driver.Engine.CacheBytes);
        var outputs = driver.Run(Requests.Of(40, 1) with { MaxOutputTokens = null })[0];
        Assert.Equal((8, FinishReason.Length), (outputs.Tokens().Length, outputs.Finish()!.Value));
    }

    [Fact]
    public void TheDefaultCacheHoldsAllSequencesWithinTheMemoryLimit()
    {
        Assert.Equal(32 * 6, new EngineOptions().BlocksFor(TinyModel.Config));
        Assert.Equal(10, new EngineOptions { CacheByteLimit = 10 * 8192 }.BlocksFor(TinyModel.Config));
        Assert.Throws<ArgumentException>(() => new EngineOptions { MaxBatchTokens = 8 }.Validate());
    }

    [Fact]
    public async Task AThousandRandomDisconnectsLeaveNoBlockBehind()
    {
        using var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder, new() { MaxSequences = 8, MaxBatchTokens = 32, MaxWaiting = 1000, CacheBlocks = 20 });
        var random = new Random(11);
        var live = new List<Guid>();
        for (var disconnects = 0; disconnects < 1000;)
        {
            while (live.Count < 12)
            {
                var request = Requests.Of(random.Next(1, 60), (ulong)random.Next(), maxTokens: random.Next(1, 30));
                driver.Engine.Submit(request);
                live.Add(request.Id);
            }

            driver.Engine.Step();
            for (var i = random.Next(6); i > 0; i--, disconnects++)
            {
                var gone = random.Next(live.Count);
                driver.Engine.Cancel(live[gone]);
                live.RemoveAt(gone);
            }
        }

        live.ForEach(id => driver.Engine.Cancel(id));
        driver.Engine.Step();
        Assert.False(driver.Scheduler.HasWork);
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task AThousandReadersThatLeaveAThreadedEngineLeaveNoBlockBehind()
    {
        using var decoder = TinyModel.Create();
        using var context = new Tensors.ComputeContext(threads: 1);
        await using var engine = new Engine(decoder, new() { MaxSequences = 6, CacheBlocks = 20, MaxWaiting = 1000, SpeculativeTokens = 4 }, context);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < 125; i++)
            {
                var request = Requests.Of(random.Next(1, 60), (ulong)random.Next(20), maxTokens: random.Next(1, 30));
                var reader = engine.Submit(request);
                for (var outputs = random.Next(12); outputs > 0 && await reader.WaitToReadAsync(); outputs--)
                {
                    reader.TryRead(out _);
                }

                engine.Cancel(request.Id);
                while (await reader.WaitToReadAsync())
                {
                    reader.TryRead(out _);
                }
            }
        })));

        // A sequence's end is told after its blocks are free, so nothing has to be waited for.
        Assert.Equal(engine.State.Blocks.Total, engine.State.Blocks.Free);
        Assert.False(engine.State.Scheduler.HasWork);
        Assert.Equal(0, engine.State.Queue.Waiting);
    }

    [Fact]
    public async Task AFailedStepEndsItsRequestsWithTheErrorAndFreesTheirBlocks()
    {
        var decoder = TinyModel.Create();
        await using var driver = new EngineDriver(decoder);
        var running = driver.Engine.Submit(Requests.Of(20, 1));
        driver.Engine.Step();
        decoder.Dispose(); // the weights are gone under the engine's feet
        var late = driver.Engine.Submit(Requests.Of(20, 2));
        driver.RunDry();
        Assert.Single(EngineDriver.Drain(running)); // what was sampled before it failed still arrives
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.Completion);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => late.Completion);
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
    }

    [Fact]
    public async Task TheThreadServesManyReadersAndDisposalEndsTheRest()
    {
        using var decoder = TinyModel.Create();
        using var context = new Tensors.ComputeContext(threads: 1);
        var engine = new Engine(decoder, new(), context);
        var readers = Enumerable.Range(0, 40).Select(i => engine.Submit(Requests.Of(3 + i, (ulong)i))).ToArray();
        foreach (var reader in readers)
        {
            var count = 0;
            await foreach (var output in reader.ReadAllAsync())
            {
                count++;
            }

            Assert.Equal(24, count);
        }

        var last = engine.Submit(Requests.Of(8, 1, maxTokens: 80));
        await engine.DisposeAsync();
        var outputs = EngineDriver.Drain(last);
        Assert.NotNull(outputs.Finish());
        Assert.Throws<ObjectDisposedException>(() => engine.Submit(Requests.Of(8, 1)));
    }
}
