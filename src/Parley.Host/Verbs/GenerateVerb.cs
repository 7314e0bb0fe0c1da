using System.CommandLine;
using System.Diagnostics;
using Parley.Inference;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley generate MODEL TEXT</c>: one answer on the console, without a server. Text goes to stdout, figures to stderr.</summary>
internal static class GenerateVerb
{
    private static readonly Argument<string> Model = ModelPlace.Argument("model");
    private static readonly Option<string?> Models = ModelPlace.StoreFolder();
    private static readonly Argument<string> Prompt = new("text") { Description = "What to continue, or to say with --chat." };
    private static readonly Option<bool> Chat = new("--chat") { Description = "Send the text as a user's message through the chat template." };
    private static readonly Option<int?> MaxTokens = new("--max-tokens") { Description = "Tokens at most; default: as many as the context holds." };
    private static readonly Option<float> Temperature = new("--temperature") { Description = "0 takes the likeliest token.", DefaultValueFactory = _ => 0.8f };
    private static readonly Option<float> TopP = new("--top-p") { Description = "Draw from the likeliest tokens of this probability.", DefaultValueFactory = _ => 1f };
    private static readonly Option<ulong?> Seed = new("--seed") { Description = "Repeats an answer; default: a new one." };
    private static readonly Option<int?> Threads = new("--threads") { Description = "Threads that compute; default: one per core." };

    private static readonly Option<Arithmetic> Arithmetic = ServingOptions.Arithmetic();
    private static readonly Option<string> Cache = CacheType.Option();

    public static Command Create()
    {
        var command = new Command("generate", "Let a model continue a text, or answer a message.")
        {
            Model, Prompt, Chat, MaxTokens, Temperature, TopP, Seed, Threads, Arithmetic, Cache, Models,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(ModelPlace.Resolve(parsed, Model, Models));
        using var context = new ComputeContext(parsed.GetValue(Threads), arithmetic: parsed.GetValue(Arithmetic));
        await using var replica = new Replica(model, context, new EngineOptions { MaxSequences = 1, CacheDType = CacheType.Read(parsed, Cache) });
        var request = Request(parsed, model.Id);
        var watch = Stopwatch.StartNew();
        TimeSpan? first = null;
        await foreach (var entry in replica.Generate(request, cancellationToken))
        {
            first ??= entry.TokenIds.Count > 0 ? watch.Elapsed : null;
            Console.Write(entry.Text);
            if (entry.Kind == GenerationEventKind.Failed)
            {
                Console.WriteLine();
                throw new ParleyException(500, entry.Error!);
            }

            if (entry.Kind == GenerationEventKind.Completed)
            {
                Console.WriteLine();
                await Console.Error.WriteLineAsync(Figures(request, entry.Usage!, first ?? watch.Elapsed, watch.Elapsed));
            }
        }

        return 0;
    }

    private static GenerationRequest Request(ParseResult parsed, string model)
    {
        var text = parsed.GetRequiredValue(Prompt);
        return new()
        {
            Model = model,
            Input = parsed.GetValue(Chat) ? new GenerationInput.Chat([new(MessageRole.User, text)]) : new GenerationInput.Text(text),
            MaxOutputTokens = parsed.GetValue(MaxTokens),
            Sampling = new()
            {
                Seed = parsed.GetValue(Seed) ?? SamplingParams.DrawSeed(),
                Temperature = parsed.GetValue(Temperature),
                TopP = parsed.GetValue(TopP),
            },
        };
    }

    private static string Figures(GenerationRequest request, Usage usage, TimeSpan first, TimeSpan total)
    {
        var rate = usage.OutputTokens > 1 ? (usage.OutputTokens - 1) / (total - first).TotalSeconds : 0;
        return $"{usage.PromptTokens} prompt tokens in {first.TotalSeconds:F2} s, {usage.OutputTokens} tokens at {rate:F1}/s, seed {request.Sampling.Seed}";
    }
}
