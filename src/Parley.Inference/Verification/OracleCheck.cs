using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference.Verification;

/// <summary>
/// Compares one model file with its oracle through the serving engine: the logits and greedy tokens that it samples from, with a paged cache,
/// prompts in chunks, and other sequences beside them.
/// </summary>
public static class OracleCheck
{
    private const int Others = 4;

    /// <summary>Files whose arithmetic is the same whether exact or fast was asked for.</summary>
    public static bool IsAlwaysExact(OracleFile file) => file.StorageType is "F32" or "F16";

    public static async Task<OracleVerdict> RunAsync(
        OracleFile file, KernelSet kernels, Arithmetic arithmetic, CancellationToken cancellationToken)
    {
        LoadedModel model;
        try
        {
            model = LoadedModel.Load(file.Path);
        }
        catch (ModelFormatException exception)
        {
            return new OracleVerdict(file, kernels, arithmetic, null, 0, exception.Message, SetRan: false);
        }

        using (model)
        using (var context = new ComputeContext(threads: 2, kernels, arithmetic: arithmetic))
        {
            var rows = new Dictionary<int, float[]>();
            List<int> greedy;
            var options = new EngineOptions { PrefillChunk = 6, CacheDType = DType.F32 };
            await using (var engine = new Engine(model.Decoder, options, context))
            {
                await SampleOnceAsync(engine, file, rows, cancellationToken);
                greedy = await GreedyAsync(engine, file, cancellationToken);
            }

            var equal = greedy.Zip(file.Greedy).TakeWhile(pair => pair.First == pair.Second).Count();
            var ran = context.Kernels != KernelSet.Assembled || context.AssembledProducts > 0;
            return new OracleVerdict(file, context.Kernels, arithmetic, OracleDistance.Between(file, rows), equal, null, ran);
        }
    }

    /// <summary>One request for each position: the logits that its first token is drawn from are those of the position.</summary>
    private static async Task SampleOnceAsync(Engine engine, OracleFile file, Dictionary<int, float[]> rows, CancellationToken cancellationToken)
    {
        engine.ObserveLogits((request, logits) => rows.TryAdd(request.Choice, logits.ToArray()));
        var requests = file.Positions.Select((position, index) => new EngineRequest
        {
            Choice = index,
            Prompt = file.Tokens.AsMemory(0, position + 1),
            Sampling = new SamplingParams { Seed = 1, Temperature = 0 },
            MaxOutputTokens = 1,
        });
        await foreach (var _ in engine.Submit([.. requests]).ReadAllAsync(cancellationToken))
        {
        }

        engine.ObserveLogits(null);
    }

    private static async Task<List<int>> GreedyAsync(Engine engine, OracleFile file, CancellationToken cancellationToken)
    {
        for (var other = 1; other <= Others; other++)
        {
            engine.Submit(new EngineRequest
            {
                Prompt = file.Tokens.AsMemory(0, other * 5),
                Sampling = new SamplingParams { Seed = (ulong)other },
                MaxOutputTokens = file.Greedy.Length,
            });
        }

        var tokens = new List<int>();
        var reader = engine.Submit(new EngineRequest
        {
            Prompt = file.Prompt,
            Sampling = new SamplingParams { Seed = 1, Temperature = 0 },
            MaxOutputTokens = file.Greedy.Length,
        });
        await foreach (var output in reader.ReadAllAsync(cancellationToken))
        {
            if (output.Token is { } token)
            {
                tokens.Add(token);
            }
        }

        return tokens;
    }
}
