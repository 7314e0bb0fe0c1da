using System.Threading.Channels;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Tests;

/// <summary>An engine without its thread: the test makes each step, so every schedule can be repeated.</summary>
internal sealed class EngineDriver : IAsyncDisposable
{
    private readonly ComputeContext _context;

    public EngineDriver(Decoder decoder, EngineOptions? options = null, int threads = 1, KernelSet kernels = KernelSet.Auto, Arithmetic arithmetic = Arithmetic.Exact)
    {
        _context = new ComputeContext(threads, kernels, arithmetic: arithmetic);
        Engine = new Engine(decoder, options ?? new(), _context, time: null, startThread: false);
    }

    public Engine Engine { get; }

    public BlockAllocator Blocks => Engine.State.Blocks;

    public Scheduler Scheduler => Engine.State.Scheduler;

    /// <summary>Steps until nothing is left to run.</summary>
    public void RunDry()
    {
        while (Engine.Step())
        {
        }
    }

    /// <summary>Runs the requests together from the start; their outputs in the order of the requests.</summary>
    public IReadOnlyList<IReadOnlyList<EngineOutput>> Run(params IReadOnlyList<EngineRequest> requests)
    {
        var readers = requests.Select(request => Engine.Submit(request)).ToArray();
        RunDry();
        return [.. readers.Select(Drain)];
    }

    /// <summary>Everything a reader holds now.</summary>
    public static IReadOnlyList<EngineOutput> Drain(ChannelReader<EngineOutput> reader)
    {
        var outputs = new List<EngineOutput>();
        while (reader.TryRead(out var output))
        {
            outputs.Add(output);
        }

        return outputs;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _context.Dispose();
    }
}

/// <summary>Requests and answers as tests write them.</summary>
internal static class Requests
{
    public static int[] Prompt(int length, ulong seed) =>
        [.. Enumerable.Range(0, length).Select(i => (int)(Philox.Uniform(seed, 99, (ulong)i) * TinyModel.Vocabulary))];

    public static EngineRequest Of(int promptLength, ulong seed, int maxTokens = 24, float temperature = 1) => new()
    {
        Prompt = Prompt(promptLength, seed),
        Sampling = new SamplingParams { Seed = seed, Temperature = temperature },
        MaxOutputTokens = maxTokens,
    };

    public static int[] Tokens(this IReadOnlyList<EngineOutput> outputs) => [.. outputs.Where(output => output.Token is not null).Select(output => output.Token!.Value)];

    public static FinishReason? Finish(this IReadOnlyList<EngineOutput> outputs) => outputs.LastOrDefault().Finish;
}
