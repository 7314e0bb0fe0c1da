using System.Diagnostics;
using Parley.Host.Measurements;
using Parley.Host.Serving;
using Parley.Inference;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Benches;

/// <summary>The serving engine on a real model: prompt tokens, generated tokens of one and of many sequences, a second. Medians of rounds.</summary>
internal sealed class ServingExercise : IExercise
{
    private const int Many = 16;
    private const int Generated = 64;

    public string Name => "serving";

    public string Description => "the engine on the bundled model: prefill, one sequence, 16 sequences, tokens/s (about 10 seconds)";

    public async Task<IReadOnlyList<Measurement>> RunAsync(ExerciseOptions options, CancellationToken cancellationToken)
    {
        var path = options.Model ?? BundledModel.Require();
        using var model = LoadedModel.Load(path);
        using var context = new ComputeContext();
        await using var engine = new Engine(model.Decoder, new EngineOptions { PrefixCache = false }, context);
        var prompt = Prompt(model, (engine.ContextLength / 2) - Generated);
        var rounds = Math.Max(5, options.Rounds ?? 7);
        var (prefill, one, many) = (new List<double>(), new List<double>(), new List<double>());

        // The first round warms up and is not counted; kinds alternate within a round, so that all see the same machine.
        for (var round = -1; round < rounds; round++)
        {
            var figures = (
                prompt.Length / await SecondsAsync(engine, [prompt], 1, cancellationToken),
                Generated / await SecondsAsync(engine, [prompt[..1]], Generated, cancellationToken),
                Many * Generated / await SecondsAsync(engine, [.. Enumerable.Range(1, Many).Select(length => prompt[..length])], Generated, cancellationToken));
            if (round >= 0)
            {
                prefill.Add(figures.Item1);
                one.Add(figures.Item2);
                many.Add(figures.Item3);
            }
        }

        var threads = $"{model.Id}, {context.Workers.Threads} threads, {context.Kernels}, F32";
        return
        [
            new($"prefill of {prompt.Length} tokens, {threads}", "tokens/s", Rounds.Median(prefill)),
            new($"generation, one sequence, {threads}", "tokens/s", Rounds.Median(one)),
            new($"generation, {Many} sequences, {threads}", "tokens/s", Rounds.Median(many)),
        ];
    }

    private static int[] Prompt(LoadedModel model, int length)
    {
        var text = string.Concat(Enumerable.Repeat("The old man looked at the sea and said nothing for a long time. ", length));
        return model.Tokenizer.Encode(text)[..length];
    }

    private static async Task<double> SecondsAsync(Engine engine, IReadOnlyList<int[]> prompts, int tokens, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var readers = prompts.Select((prompt, index) => engine.Submit(new EngineRequest
        {
            Prompt = prompt,
            Sampling = new SamplingParams { Temperature = 1, Seed = (ulong)index },
            MaxOutputTokens = tokens,
        })).ToArray();
        foreach (var reader in readers)
        {
            await foreach (var _ in reader.ReadAllAsync(cancellationToken))
            {
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
