using System.Runtime.Intrinsics;
using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference.Tests;

/// <summary>The first promise: equal weights, tokens, sampling and seed give equal output, however and among whatever it runs.</summary>
public sealed class SameInSameOutTests : IDisposable
{
    private readonly Decoder _decoder = TinyModel.Create();

    public void Dispose() => _decoder.Dispose();

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task AloneAndAmongThirtyOneOthers(float temperature)
    {
        var request = Requests.Of(37, 5, temperature: temperature) with { TopLogProbabilities = 3 };
        var alone = await RunAlone(request);
        Assert.True(alone.Tokens().Distinct().Count() > 3, "the answer is too dull to prove anything");
        await using var driver = new EngineDriver(_decoder);
        var others = Enumerable.Range(0, 31).Select(i => Requests.Of(1 + i * 2, (ulong)(100 + i))).ToArray();
        AssertSame(alone, driver.Run([.. others[..16], request, .. others[16..]])[16]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    public async Task PrefilledInChunksOfAnySize(int chunk)
    {
        var request = Requests.Of(70, 6) with { TopLogProbabilities = 0 };
        AssertSame(await RunAlone(request), await RunAlone(request, new() { PrefillChunk = chunk }));
    }

    [Fact]
    public async Task OnOneThreadOrTwoAndWithEveryKernelSet()
    {
        var request = Requests.Of(41, 7) with { TopLogProbabilities = 2 };
        var expected = await RunAlone(request);
        AssertSame(expected, await RunAlone(request, threads: 2));
        AssertSame(expected, await RunAlone(request, kernels: KernelSet.Reference));
        AssertSame(expected, await RunAlone(request, kernels: KernelSet.Vector128));
        AssertSame(expected, await RunAlone(request, kernels: KernelSet.Vector256, threads: 2));
        if (Vector512.IsHardwareAccelerated)
        {
            AssertSame(expected, await RunAlone(request, kernels: KernelSet.Vector512));
        }
    }

    [Fact]
    public async Task PreemptedOrNot()
    {
        var requests = Enumerable.Range(0, 6).Select(i => Requests.Of(20 + i, (ulong)(30 + i), maxTokens: 40) with { TopLogProbabilities = 0 }).ToArray();
        await using var roomy = new EngineDriver(_decoder);
        var expected = roomy.Run(requests);
        Assert.Equal(0, roomy.Scheduler.Preemptions);
        await using var tight = new EngineDriver(_decoder, new() { CacheBlocks = 9 });
        var preempted = tight.Run(requests);
        Assert.True(tight.Scheduler.Preemptions > 0);
        Assert.All(expected.Zip(preempted), pair => AssertSame(pair.First, pair.Second));
    }

    [Fact]
    public async Task InterruptedAndContinuedAtEveryToken()
    {
        var request = Requests.Of(12, 8, maxTokens: 18) with
        {
            Sampling = new() { Seed = 8, TopP = 0.95f, RepetitionPenalty = 1.2f, PresencePenalty = 0.3f, FrequencyPenalty = 0.2f },
        };
        var whole = (await RunAlone(request)).Tokens();
        Assert.Equal(18, whole.Length);
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var rest = await RunAlone(request with { ResumeFrom = whole.AsMemory(0, cut) });
            Assert.Equal(whole[cut..], rest.Tokens());
            Assert.Equal(Protocol.Generation.FinishReason.Length, rest.Finish());
        }
    }

    [Fact]
    public async Task InRandomSchedulesOfEverything()
    {
        var pool = Enumerable.Range(0, 24).Select(RandomRequest).ToArray();
        var expected = new IReadOnlyList<EngineOutput>[pool.Length];
        for (var i = 0; i < pool.Length; i++)
        {
            expected[i] = await RunAlone(pool[i]);
        }

        for (var seed = 1; seed <= 12; seed++)
        {
            await RunSchedule(seed, pool, expected);
        }
    }

    [Fact]
    public async Task TheServersLogProbabilitiesAreTheTrainers()
    {
        var request = Requests.Of(21, 9, maxTokens: 30) with { TopLogProbabilities = 0 };
        var outputs = await RunAlone(request, new() { PrefillChunk = 5 });
        int[] text = [.. request.Prompt.Span, .. outputs.Tokens()];

        using var context = new ComputeContext(threads: 2);
        using var arena = new Arena();
        var operations = new Operations(context, arena, new Tape());
        var hidden = _decoder.Forward(operations, text, AttentionBatch.Whole(1, text.Length));
        var losses = new float[text.Length];
        operations.CrossEntropy(hidden, _decoder.Head, (int[])[.. text[1..], -1], default, 1, losses);
        for (var i = 0; i < outputs.Count; i++)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(-losses[request.Prompt.Length - 1 + i]), BitConverter.SingleToInt32Bits(outputs[i].LogProbability));
        }
    }

    private static EngineRequest RandomRequest(int index)
    {
        var random = new Random(index);
        var request = Requests.Of(random.Next(1, 60), (ulong)index, maxTokens: random.Next(1, 36));
        return request with
        {
            TopLogProbabilities = 0,
            Priority = random.Next(3),
            StopTokenIds = [random.Next(TinyModel.Vocabulary)],
            Sampling = new()
            {
                Seed = (ulong)index,
                Temperature = random.Next(3) * 0.6f,
                TopK = random.Next(2) * 20,
                TopP = random.Next(2) == 0 ? 1 : 0.8f,
                MinP = random.Next(2) * 0.02f,
                FrequencyPenalty = random.Next(2) * 0.5f,
            },
        };
    }

    // Arrivals, disconnects of bystanders, chunks, batch sizes and cache sizes all at random; whoever stays must get the same answer.
    private async Task RunSchedule(int seed, EngineRequest[] pool, IReadOnlyList<EngineOutput>[] expected)
    {
        var random = new Random(seed);
        var options = new EngineOptions
        {
            MaxSequences = random.Next(1, 12),
            MaxBatchTokens = random.Next(12, 80),
            PrefillChunk = random.Next(2) == 0 ? null : random.Next(1, 40),
            CacheBlocks = random.Next(6, 30),
        };
        await using var driver = new EngineDriver(_decoder, options, threads: 1 + seed % 2);
        var waiting = new Queue<int>(Enumerable.Range(0, pool.Length).OrderBy(_ => random.Next()));
        var readers = new Dictionary<int, System.Threading.Channels.ChannelReader<EngineOutput>>();
        while (waiting.Count > 0 || driver.Scheduler.HasWork)
        {
            for (var i = random.Next(4); i > 0 && waiting.Count > 0; i--)
            {
                var next = waiting.Dequeue();
                readers.Add(next, driver.Engine.Submit(pool[next]));
                var bystander = Requests.Of(random.Next(1, 50), (ulong)random.Next());
                driver.Engine.Submit(bystander);
                driver.Engine.Step();
                driver.Engine.Cancel(bystander.Id);
            }

            driver.Engine.Step();
        }

        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
        Assert.All(readers, pair => AssertSame(expected[pair.Key], EngineDriver.Drain(pair.Value)));
    }

    private async Task<IReadOnlyList<EngineOutput>> RunAlone(
        EngineRequest request, EngineOptions? options = null, int threads = 1, KernelSet kernels = KernelSet.Auto)
    {
        await using var driver = new EngineDriver(_decoder, options, threads, kernels);
        return driver.Run(request)[0];
    }

    internal static void AssertSame(IReadOnlyList<EngineOutput> expected, IReadOnlyList<EngineOutput> actual)
    {
        Assert.Equal(expected.Tokens(), actual.Tokens());
        Assert.Equal(expected.Finish(), actual.Finish());
        Assert.Equal(expected.Select(Bits), actual.Select(Bits));
        static (int, int) Bits(EngineOutput output) =>
            (BitConverter.SingleToInt32Bits(output.LogProbability), BitConverter.SingleToInt32Bits(output.SampledLogProbability));
    }
}
