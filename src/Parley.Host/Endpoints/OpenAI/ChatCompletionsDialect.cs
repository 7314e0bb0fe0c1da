using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Step 1 for <c>POST /v1/chat/completions</c>: from the wire to a <see cref="GenerationRequest"/>, and its events back to the wire, in one piece or
/// many. Source: OpenAI's API reference, "Create chat completion". top_k, min_p and repetition_penalty are additions that vLLM has too;
/// priority is one of ours: higher goes first.
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
        var request = settings.ToRequest(caller, input, maxTokens, ReadLogProbabilities(reader), ParameterPolicy.Apply(reader));
        return new ChatCompletionsDialect(request, settings, created);
    }

    public ChatCompletion ToCompletion(AnswerAssembly answer) => new(
        Id,
        Whole,
        _created,
        Request.Model,
        answer.Fingerprint,
        [.. answer.Choices.Select((choice, i) => new ChatChoice(
            i, new ChatAnswer("assistant", choice.Text), ChatLogProbabilities.Of(choice.LogProbabilities), choice.FinishReason))],
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
            case GenerationEventKind.Delta when entry.Text.Length > 0 || entry.LogProbabilities is not null:
                return [Chunk(new ChunkChoice(entry.Choice, new() { Content = entry.Text }, ChatLogProbabilities.Of(entry.LogProbabilities), null))];
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
}
