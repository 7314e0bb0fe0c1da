using FsCheck;
using FsCheck.Fluent;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>Everything that may not matter to an answer: sizes, chunks, caches, threads, guessing, and who comes and goes when.</summary>
internal sealed record RandomSchedule(EngineOptions Options, int Threads, IReadOnlyList<Arrival> Arrivals)
{
    /// <summary>Requests in the pool that a schedule draws from.</summary>
    public const int PoolSize = 16;

    /// <summary>The longest prompt and answer of the pool together fill this many blocks.</summary>
    private const int MostBlocks = 6;

    public static Arbitrary<RandomSchedule> Any(DType cache, int requests) =>
        (from sequences in Gen.Frequency((3, Gen.Choose(1, 8)), (1, Gen.Constant(32)))
         from tokens in Gen.Choose(0, 80)
         from chunk in Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(1, 40).Select(size => (int?)size))
         from blocks in Gen.Frequency((3, Gen.Choose(MostBlocks, 24)), (1, Gen.Constant(200)))
         from prefixes in Gen.Elements(true, true, false)
         from guesses in Gen.Elements(0, 3, 8)
         from threads in Gen.Choose(1, 2)
         from arrivals in Gen.ListOf(AnyArrival, requests)
         select new RandomSchedule(
             new()
             {
                 MaxSequences = sequences,
                 MaxBatchTokens = sequences + tokens,
                 PrefillChunk = chunk,
                 CacheBlocks = blocks,
                 CacheDType = cache,
                 PrefixCache = prefixes,
                 SpeculativeTokens = guesses,
             },
             threads,
             [.. arrivals])).ToArbitrary();

    /// <summary>Prompts that share beginnings, all ways of sampling, limits, stop tokens, priorities.</summary>
    public static EngineRequest FromPool(int index)
    {
        var random = new Random(index);
        var sampling = new SamplingParams
        {
            Seed = (ulong)index,
            Temperature = random.Next(3) * 0.5f,
            TopK = random.Next(2) * 20,
            TopP = random.Next(2) == 0 ? 1 : 0.8f,
            MinP = random.Next(2) * 0.02f,
            FrequencyPenalty = random.Next(3) * 0.5f - 0.5f,
        };
        int[] prompt = [.. Requests.Prompt(random.Next(60), 1000 + (ulong)(index % 3)), .. Requests.Prompt(random.Next(1, 16), (ulong)index)];
        prompt[0] = index % 2; // blocks of equal tokens behind different beginnings
        return new EngineRequest
        {
            Prompt = prompt,
            Sampling = sampling,
            MaxOutputTokens = random.Next(1, 20),
            TopLogProbabilities = random.Next(2),
            StopTokenIds = [random.Next(TinyModel.Vocabulary)],
            Priority = random.Next(-2, 3),
        };
    }

    /// <summary>Runs it; what each arrival got that was not cancelled, with its request's place in the pool.</summary>
    public async Task<IReadOnlyList<(int Request, IReadOnlyList<EngineOutput> Outputs)>> RunAsync(Decoder decoder, Arithmetic arithmetic)
    {
        await using var driver = new EngineDriver(decoder, Options, Threads, arithmetic: arithmetic);
        var readers = new List<(int, System.Threading.Channels.ChannelReader<EngineOutput>)>();
        var leaving = new PriorityQueue<Guid, int>();
        var step = 0;
        foreach (var arrival in Arrivals)
        {
            for (var pause = arrival.Pause; pause > 0; pause--, step++)
            {
                driver.Engine.Step();
                while (leaving.TryPeek(out var gone, out var when) && when <= step)
                {
                    leaving.Dequeue();
                    driver.Engine.Cancel(gone);
                }
            }

            var request = FromPool(arrival.Request) with { Id = Guid.CreateVersion7() };
            var reader = driver.Engine.Submit(request);
            if (arrival.LeavesAfter is { } steps)
            {
                leaving.Enqueue(request.Id, step + steps);
            }
            else
            {
                readers.Add((arrival.Request, reader));
            }
        }

        driver.RunDry();
        Assert.Equal(driver.Blocks.Total, driver.Blocks.Free);
        return [.. readers.Select(reader => (reader.Item1, EngineDriver.Drain(reader.Item2)))];
    }

    private static Gen<Arrival> AnyArrival =>
        from request in Gen.Choose(0, PoolSize - 1)
        from pause in Gen.Elements(0, 0, 0, 1, 3, 12)
        from leaves in Gen.Frequency((4, Gen.Constant((int?)null)), (1, Gen.Choose(0, 15).Select(steps => (int?)steps)))
        select new Arrival(request, pause, leaves);
}

/// <summary>A request of the pool, so many steps after the one before it; it may leave after some more.</summary>
internal sealed record Arrival(int Request, int Pause, int? LeavesAfter);
