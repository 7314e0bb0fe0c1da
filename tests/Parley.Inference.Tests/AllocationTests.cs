using System.Threading.Channels;
using Parley.Inference.Tests.Constraints;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Steady decoding must not feed the garbage collector: a hundred steps of eight sequences, on the engine's own thread, take no byte at all.</summary>
public sealed class AllocationTests
{
    private const int Warmup = 40;
    private const int Steps = 100;
    private const int Windows = 2;

    [Theory]
    [InlineData(0f, 1)]
    [InlineData(1f, 1)]
    [InlineData(1f, 2)]
    [InlineData(0f, 2, DType.Q8_0, DType.F16)]
    [InlineData(0f, 2, DType.Q4_K, DType.Q8_0)]
    [InlineData(0f, 2, DType.BF16, DType.BF16)]
    public async Task ADecodeStepAllocatesNothing(float temperature, int threads, DType weights = DType.F32, DType cache = DType.F32)
    {
        using var decoder = weights == DType.F32 ? TinyModel.Create(contextLength: 512) : TinyModel.Quantized(weights, contextLength: 512);
        await using var driver = new EngineDriver(decoder, new() { CacheDType = cache }, threads, arithmetic: Arithmetic.Fast);
        var readers = Enumerable.Range(0, 8)
            .Select(i => driver.Engine.Submit(Requests.Of(16, (ulong)i, maxTokens: 400, temperature: temperature))).ToArray();
        Assert.Equal(0, BytesOf(driver, []));
        Assert.All(readers, reader => Assert.Equal(Warmup + (Windows * Steps), reader.Count));
    }

    [Fact]
    public async Task NeitherDoAnyOfTheSamplersWays()
    {
        using var decoder = TinyModel.Create(contextLength: 512);
        await using var driver = new EngineDriver(decoder, new() { SpeculativeTokens = 4 });
        SamplingParams[] ways =
        [
            new() { Seed = 1, TopK = 10 }, new() { Seed = 1, TopP = 0.9f }, new() { Seed = 1, MinP = 0.01f },
            new() { Seed = 1, FrequencyPenalty = 0.1f, RepetitionPenalty = 1.1f }, new() { Seed = 1, Temperature = 0, FrequencyPenalty = -1 },
        ];
        var readers = ways.Select(sampling => driver.Engine.Submit(Requests.Of(16, 1, maxTokens: 480) with { Sampling = sampling })).ToArray();
        Assert.Equal(0, BytesOf(driver, readers, warmup: 3 * Warmup)); // guesses make the widest steps late
        Assert.True(driver.Engine.Metrics.AcceptedTokens > 0);
    }

    [Theory]
    [InlineData(1, DType.F32)]
    [InlineData(2, DType.Q8_0)]
    public async Task NeitherDoAdapters(int threads, DType weights)
    {
        using var decoder = weights == DType.F32 ? TinyModel.Create(contextLength: 512) : TinyModel.Quantized(weights, contextLength: 512);
        using Adapter first = TinyAdapters.Create(decoder.Config, 1), second = TinyAdapters.Create(decoder.Config, 2);
        await using var driver = new EngineDriver(decoder, new(), threads, arithmetic: Arithmetic.Fast);
        Adapter?[] adapters = [null, first, second, first];
        var readers = Enumerable.Range(0, 8)
            .Select(i => driver.Engine.Submit(Requests.Of(16, (ulong)i, maxTokens: 400) with { Adapter = adapters[i % 4] })).ToArray();
        Assert.Equal(0, BytesOf(driver, []));
        Assert.All(readers, reader => Assert.Equal(Warmup + (Windows * Steps), reader.Count));
    }

    // Masks are kept with their states: once an answer has been everywhere that it goes, nothing is made any more.
    [Theory]
    [InlineData("root ::= ([a-z ] | [0-9]{2})*")]
    [InlineData("root ::= \"[\" ([0-9]+ \",\")* \"]\"")]
    public async Task NeitherDoConstraints(string rules)
    {
        using var decoder = ConstrainedEngineTests.Decoder(512);
        await using var driver = new EngineDriver(decoder);
        var constraint = ConstraintCompiler.FromGrammar(rules, ByteTokenizer.Instance);
        TokenBias[] endless = [new(ByteTokenizer.End, -100), new(1 + ']', -100)];
        var readers = Enumerable.Range(0, 4).Select(i => driver.Engine.Submit(Requests.Of(8, (ulong)i, maxTokens: 400) with
        {
            Constraint = constraint, StopTokenIds = [ByteTokenizer.End], Sampling = new() { Seed = (ulong)i, LogitBias = endless },
        })).ToArray();
        Assert.Equal(0, BytesOf(driver, readers, warmup: 3 * Warmup));
        Assert.Contains(driver.Scheduler.Running, sequence => sequence.Constraint is not null);
    }

    // The first steps grow what is kept: scratch memory, tensor objects, the runtime's own tables. A thread that sleeps for the first time gets a
    // record from the runtime, which in a test may happen in any step. So may the growth of a table that the runtime keeps for all threads, such as
    // its cache of casts, which other tests beside this one fill: once. What a step takes is in every window, so the quieter one counts.
    private static long BytesOf(EngineDriver driver, ChannelReader<EngineOutput>[] readers, int warmup = Warmup)
    {
        using var signal = new AutoResetEvent(initialState: false);
        signal.WaitOne(1);
        Run(driver, readers, warmup);
        var least = long.MaxValue;
        for (var window = 0; window < Windows; window++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run(driver, readers, Steps);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Run(EngineDriver driver, ChannelReader<EngineOutput>[] readers, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            driver.Engine.Step();
            foreach (var reader in readers)
            {
                while (reader.TryRead(out _))
                {
                }
            }
        }
    }
}
