using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Step 1 for <c>POST /v1/completions</c>. Each prompt becomes a request of its own; choice c of prompt p is the answer's choice p * n + c. Source:
/// OpenAI's API reference, "Create completion".
/// </summary>
internal sealed class CompletionsDialect
{
    /// <summary>OpenAI's default for this route.</summary>
    private const int DefaultMaxTokens = 16;

    private const int MostPrompts = 64;

    private const string ObjectName = "text_completion";
    private readonly long _created;
    private readonly TextOffsets[] _offsets;
    private readonly bool _withLogProbabilities;
    private string _fingerprint = "";
    private Usage _usage = new(0, 0);
    private int _open;

    private CompletionsDialect(IReadOnlyList<GenerationRequest> requests, CallSettings settings, bool withLogProbabilities, long created)
    {
        (Requests, Settings, _withLogProbabilities, _created, _open) = (requests, settings, withLogProbabilities, created, requests.Count);
        _offsets = [.. Enumerable.Range(0, requests.Count * settings.Choices).Select(_ => new TextOffsets())];
    }

    public IReadOnlyList<GenerationRequest> Requests { get; }

    public CallSettings Settings { get; }

    private string Id => $"cmpl-{Requests[0].Id:N}";

    /// <param name="created">Unix seconds.</param>
    /// <exception cref="ParleyException">400 naming the parameter.</exception>
    public static CompletionsDialect Read(JsonElement body, Caller caller, long created)
    {
        var reader = new ParameterReader(body);
        var settings = CallSettings.Read(reader);
        var prompts = TextInputs.Read(reader, "prompt", MostPrompts);
        var maxTokens = reader.Integer("max_tokens", 0, int.MaxValue) ?? DefaultMaxTokens;
        var logProbabilities = reader.Integer("logprobs", 0, 20);
        var candidates = ReadBestOf(reader, settings);
        var echo = reader.Boolean("echo") ?? false;
        var recorded = ParameterPolicy.Apply(reader);

        // Which answer is the best is told by its log-probabilities, wanted or not.
        var top = candidates > settings.Choices ? logProbabilities ?? 0 : logProbabilities;
        return new CompletionsDialect(
            [.. prompts.Select(prompt => settings.ToRequest(caller, prompt, maxTokens, top, recorded) with { Choices = candidates, EchoPrompt = echo })],
            settings,
            logProbabilities is not null,
            created);
    }

    public Completion ToCompletion(IReadOnlyList<AnswerAssembly> answers)
    {
        var choices = answers.SelectMany((answer, prompt) => answer.Best(Settings.Choices).Select((choice, c) => new CompletionChoice(
            Index(prompt, c), choice.Text, LogProbabilities(Index(prompt, c), choice.LogProbabilities), choice.FinishReason)));
        return new Completion(Id, ObjectName, _created, Requests[0].Model, answers[0].Fingerprint, [.. choices])
        {
            Usage = UsageObject.Of(answers.Select(answer => answer.Usage).Aggregate(Add)),
        };
    }

    /// <summary>The pieces that an event of prompt <paramref name="prompt"/> becomes.</summary>
    /// <exception cref="ParleyException">The generation failed.</exception>
    public IEnumerable<Completion> ToChunks(int prompt, GenerationEvent entry)
    {
        switch (entry.Kind)
        {
            case GenerationEventKind.Started:
                _fingerprint = Wire.Fingerprint(entry.ModelVersion);
                return [];
            case GenerationEventKind.Delta when entry.Text.Length > 0 || entry.LogProbabilities is not null:
                var index = Index(prompt, entry.Choice);
                return [Chunk(new CompletionChoice(index, entry.Text, LogProbabilities(index, entry.LogProbabilities), null))];
            case GenerationEventKind.Finished:
                return [Chunk(new CompletionChoice(Index(prompt, entry.Choice), "", null, Wire.Name(entry.FinishReason)))];
            case GenerationEventKind.Completed:
                _usage = Add(_usage, entry.Usage ?? new(0, 0));
                return --_open == 0 && Settings.IncludeUsage ? [Chunk() with { Usage = UsageObject.Of(_usage) }] : [];
            case GenerationEventKind.Failed:
                throw Wire.Failure(entry);
            default:
                return [];
        }
    }

    private CompletionLogProbabilities? LogProbabilities(int index, IReadOnlyList<TokenLogProbability>? tokens) =>
        _withLogProbabilities ? CompletionLogProbabilities.Of(tokens ?? (Settings.Stream ? null : []), _offsets[index]) : null;

    private int Index(int prompt, int choice) => (prompt * Settings.Choices) + choice;

    private Completion Chunk(params CompletionChoice[] choices) => new(Id, ObjectName, _created, Requests[0].Model, _fingerprint, choices);

    private static Usage Add(Usage a, Usage b) => new(
        a.PromptTokens + b.PromptTokens, a.OutputTokens + b.OutputTokens, a.CachedTokens + b.CachedTokens, a.ReasoningTokens + b.ReasoningTokens);

    private static int ReadBestOf(ParameterReader reader, CallSettings settings)
    {
        var candidates = reader.Integer("best_of", 1, 128) ?? settings.Choices;
        if (candidates < settings.Choices)
        {
            throw ParleyException.InvalidRequest($"'best_of' is {candidates}; it cannot be less than n, which is {settings.Choices}.", "best_of", "invalid_value");
        }

        return candidates == settings.Choices || !settings.Stream
            ? candidates
            : throw ParleyException.InvalidRequest("'best_of' cannot be streamed: which answer is the best is known at the end; leave it or stream out.", "best_of", "invalid_value");
    }
}
