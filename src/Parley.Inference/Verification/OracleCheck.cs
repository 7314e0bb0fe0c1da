using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Inference.Verification;

/// <summary>
/// Compares one model file with its oracle: logits of the decoder, and greedy tokens of the serving engine - paged cache, chunked prefill, among
/// other sequences. Activations are fp32, so the tolerance is that of fp32.
/// </summary>
public static class OracleCheck
{
    /// <summary>Root mean square of the difference over the standard deviation of the exact logits.</summary>
    public const double Tolerance = 1e-4;

    private const int Others = 4;

    public static async Task<OracleVerdict> RunAsync(OracleFile file, KernelSet kernels, CancellationToken cancellationToken)
    {
        LoadedModel model;
        try
        {
            model = LoadedModel.Load(file.Path);
        }
        catch (ModelFormatException exception)
        {
            return new OracleVerdict(file.Name, kernels, null, 0, exception.Message);
        }

        using (model)
        using (var context = new ComputeContext(threads: 2, kernels))
        {
            var distance = Distance(file, Logits(model.Decoder, file, context));
            var tokens = await GreedyAsync(model.Decoder, file, context, cancellationToken);
            return new OracleVerdict(file.Name, context.Kernels, distance, tokens.Zip(file.Greedy).TakeWhile(pair => pair.First == pair.Second).Count(), null);
        }
    }

    private static float[] Logits(Decoder decoder, OracleFile file, ComputeContext context)
    {
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        var hidden = decoder.Forward(operations, file.Tokens, AttentionBatch.Whole(1, file.Tokens.Length));
        return decoder.Logits(operations, operations.GatherRows(hidden, file.Positions)).ToArray();
    }

    private static double Distance(OracleFile file, float[] logits) =>
        logits.Length == file.Logits.Length
            ? Math.Sqrt(logits.Zip(file.Logits, (ours, exact) => Math.Pow((double)ours - exact, 2)).Average()) / file.LogitsDeviation
            : double.PositiveInfinity;

    private static async Task<List<int>> GreedyAsync(Decoder decoder, OracleFile file, ComputeContext context, CancellationToken cancellationToken)
    {
        await using var engine = new Engine(decoder, new EngineOptions { PrefillChunk = 6 }, context);
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

/// <summary>What came out for one file and kernel set.</summary>
/// <param name="Distance">Relative root mean square of the logits; null when the file was not run.</param>
/// <param name="EqualTokens">How many greedy tokens from the first on are the oracle's.</param>
/// <param name="Refusal">Why the file was not run: what is not supported yet.</param>
public sealed record OracleVerdict(string Name, KernelSet Kernels, double? Distance, int EqualTokens, string? Refusal)
{
    public bool IsOk(OracleFile file) => Distance <= OracleCheck.Tolerance && EqualTokens == file.Greedy.Length;
}
