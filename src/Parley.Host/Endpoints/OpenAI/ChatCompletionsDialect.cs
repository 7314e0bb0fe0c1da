using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Step 1 for <c>POST /v1/chat/completions</c>: from the wire to a <see cref="GenerationRequest"/>, and its events back to the wire, in one piece or
/// many. Source: OpenAI's API reference, "Create chat completion". top_k, min_p, repetition_penalty, stop_token_ids, chat_template_kwargs and
/// reasoning_content are additions that vLLM has too; priority is one of ours: higher goes first.
/// </summary>
internal sealed class ChatCompletionsDialect
{
    private const string Whole = "chat.completion", Piece = "chat.completion.chunk";
    private readonly long _created;
    private string _fingerprint = "";

    private ChatCompletionsDialect(GenerationRequest request, CallSettings settings, long created) =>
        (Request, Settings, _created) = (request, settings, created);

    public GenerationRequest Request { get; }

    public CallSettings Settings { get; }

    private string Id => $"chatcmpl-{Request.Id:N}";

    /// <param name="created">Unix seconds.</param>
    /// <exception cref="ParleyException">400 naming the parameter.</exception>
    public static ChatCompletionsDialect Read(JsonElement body, Caller caller, long created)
    {
        var reader = new ParameterReader(body);
        var settings = CallSettings.Read(reader);
        var input = new GenerationInput.Chat(ChatMessages.Read(reader));
        var olderLimit = reader.Integer("max_tokens", 1, int.MaxValue);
        var maxTokens = reader.Integer("max_completion_tokens", 1, int.MaxValue) ?? olderLimit;
        var tools = ChatTools.Read(reader);
        var variables = ReadTemplateVariables(reader);
        var request = settings.ToRequest(caller, input, maxTokens, ReadLogProbabilities(reader), ParameterPolicy.Apply(reader)) with
        {
            Tools = tools,
            TemplateVariables = variables,
        };
        return new ChatCompletionsDialect(request, settings, created);
    }

    public ChatCompletion ToCompletion(AnswerAssembly answer) => new(
        Id,
        Whole,
        _created,
        Request.Model,
        answer.Fingerprint,
        [.. answer.Choices.Select((choice, i) => new ChatChoice(i, ToAnswer(choice), LogProbabilities(choice.LogProbabilities ?? []), choice.FinishReason))],
        UsageObject.Of(answer.Usage));

    /// <summary>The pieces that an event becomes: none, one, or at the start one for each choice.</summary>
    /// <exception cref="ParleyException">The generation failed.</exception>
    public IEnumerable<ChatCompletionChunk> ToChunks(GenerationEvent entry)
    {
        switch (entry.Kind)
        {
            case GenerationEventKind.Started:
                _fingerprint = Wire.Fingerprint(entry.ModelVersion);
                return [.. Enumerable.Range(0, Request.Choices).Select(choice => Chunk(new ChunkChoice(choice, new() { Role = "assistant", Content = "" }, null, null)))];
            case GenerationEventKind.Delta:
                return ToDeltas(entry).Select(delta => Chunk(delta));
            case GenerationEventKind.Finished:
                return [Chunk(new ChunkChoice(entry.Choice, new(), null, Wire.Name(entry.FinishReason)))];
            case GenerationEventKind.Completed when Settings.IncludeUsage:
                return [Chunk() with { Usage = UsageObject.Of(entry.Usage ?? new(0, 0)) }];
            case GenerationEventKind.Failed:
                throw Wire.Failure(entry);
            default:
                return [];
        }
    }

    private static ChatAnswer ToAnswer(AssembledChoice choice) => new("assistant", choice is { Text: "", Calls.Count: > 0 } ? null : choice.Text)
    {
        ReasoningContent = choice.Reasoning.Length > 0 ? choice.Reasoning : null,
        ToolCalls = choice.Calls.Count > 0 ? [.. choice.Calls.Select(ToolCallObject.Whole)] : null,
    };

    private IEnumerable<ChunkChoice> ToDeltas(GenerationEvent entry)
    {
        if (entry.Reasoning is { } reasoning)
        {
            yield return new ChunkChoice(entry.Choice, new() { ReasoningContent = reasoning }, null, null);
        }

        if (entry.Text.Length > 0 || entry.LogProbabilities is not null)
        {
            yield return new ChunkChoice(entry.Choice, new() { Content = entry.Text }, LogProbabilities(entry.LogProbabilities), null);
        }

        foreach (var piece in entry.ToolCalls ?? [])
        {
            yield return new ChunkChoice(entry.Choice, new() { ToolCalls = [ToolCallObject.Piece(piece)] }, null, null);
        }
    }

    private ChatLogProbabilities? LogProbabilities(IReadOnlyList<TokenLogProbability>? tokens) =>
        Request.TopLogProbabilities is null ? null : ChatLogProbabilities.Of(tokens);

    private ChatCompletionChunk Chunk(params ChunkChoice[] choices) => new(Id, Piece, _created, Request.Model, _fingerprint, choices);

    private static int? ReadLogProbabilities(ParameterReader reader)
    {
        var wanted = reader.Boolean("logprobs") ?? false;
        var top = reader.Integer("top_logprobs", 0, 20);
        if (top is not null && !wanted)
        {
            throw ParleyException.InvalidRequest("'top_logprobs' needs logprobs to be true.", "top_logprobs", "invalid_value");
        }

        return wanted ? top ?? 0 : null;
    }

    private static Dictionary<string, JsonElement> ReadTemplateVariables(ParameterReader reader) => reader.Take("chat_template_kwargs") is { } map
        ? new ParameterReader(map, "chat_template_kwargs").TakeAll().ToDictionary(entry => entry.Name, entry => entry.Value.Clone(), StringComparer.Ordinal)
        : new(StringComparer.Ordinal);
}
