using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Clients;

/// <summary>
/// Any replica as <see cref="IChatClient"/>, the seam by which product code meets models. It maps text, sampling, limits and usage; what it cannot
/// honour (tools, images, a response format) it refuses by name.
/// </summary>
/// <param name="replica">Stays the caller's.</param>
/// <param name="defaultModel">The model for calls that name none.</param>
public sealed class ReplicaChatClient(IReplica replica, string defaultModel) : IChatClient
{
    /// <exception cref="ParleyException">The request cannot be served, or the answer failed.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = ToRequest(messages, options);
        var text = new StringBuilder();
        var response = new ChatResponse { ResponseId = request.Id.ToString(), ModelId = request.Model };
        await foreach (var entry in replica.Generate(request, cancellationToken))
        {
            Require(entry);
            text.Append(entry.Text);
            response.FinishReason = Reason(entry) ?? response.FinishReason;
            response.Usage = entry.Usage is { } usage ? Details(usage) : response.Usage;
        }

        cancellationToken.ThrowIfCancellationRequested();
        response.Messages.Add(new ChatMessage(ChatRole.Assistant, text.ToString()) { MessageId = request.Id.ToString() });
        return response;
    }

    /// <exception cref="ParleyException">The request cannot be served, or the answer failed.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = ToRequest(messages, options);
        await foreach (var entry in replica.Generate(request, cancellationToken))
        {
            Require(entry);
            var contents = Contents(entry);
            if (contents.Count > 0 || entry.FinishReason is not null)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
                {
                    ResponseId = request.Id.ToString(),
                    MessageId = request.Id.ToString(),
                    ModelId = request.Model,
                    FinishReason = Reason(entry),
                };
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("parley", null, defaultModel)
        : serviceType == typeof(IReplica) ? replica
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <summary>Nothing to free: the replica is the caller's.</summary>
    public void Dispose()
    {
    }

    private GenerationRequest ToRequest(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Refuse(options?.Tools is { Count: > 0 }, "tools");
        Refuse(options?.ResponseFormat is not (null or ChatResponseFormatText), "response_format");
        IEnumerable<Message> input = messages.Select(ToMessage);
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            input = input.Prepend(new Message(MessageRole.System, instructions));
        }

        return new GenerationRequest
        {
            Model = options?.ModelId ?? defaultModel,
            Input = new GenerationInput.Chat([.. input]),
            Sampling = new SamplingParams
            {
                Temperature = options?.Temperature ?? 1,
                TopP = options?.TopP ?? 1,
                TopK = options?.TopK ?? 0,
                FrequencyPenalty = options?.FrequencyPenalty ?? 0,
                PresencePenalty = options?.PresencePenalty ?? 0,
                Seed = options?.Seed is { } seed ? unchecked((ulong)seed) : SamplingParams.DrawSeed(),
            },
            MaxOutputTokens = options?.MaxOutputTokens,
            Stop = [.. options?.StopSequences ?? []],
        };
    }

    private static Message ToMessage(ChatMessage message)
    {
        var role = message.Role == ChatRole.System ? MessageRole.System
            : message.Role == ChatRole.User ? MessageRole.User
            : message.Role == ChatRole.Assistant ? MessageRole.Assistant
            : throw ParleyException.InvalidRequest($"Messages of role '{message.Role}' are not supported yet.", "messages");
        foreach (var content in message.Contents)
        {
            Refuse(content is not TextContent, content.GetType().Name);
        }

        return new Message(role, message.Text) { Name = message.AuthorName };
    }

    private static void Refuse(bool wanted, string what)
    {
        if (wanted)
        {
            throw ParleyException.InvalidRequest($"'{what}' is not supported yet; leave it out.", what, "unsupported_parameter");
        }
    }

    private static void Require(GenerationEvent entry)
    {
        if (entry.Kind == GenerationEventKind.Failed)
        {
            throw new ParleyException(500, entry.Error ?? new ParleyError("The answer could not be finished.", "server_error"));
        }
    }

    private static IList<AIContent> Contents(GenerationEvent entry) => entry switch
    {
        { Kind: GenerationEventKind.Delta, Text.Length: > 0 } => [new TextContent(entry.Text)],
        { Kind: GenerationEventKind.Completed, Usage: { } usage } => [new UsageContent(Details(usage))],
        _ => [],
    };

    private static ChatFinishReason? Reason(GenerationEvent entry) => entry.FinishReason switch
    {
        null => null,
        FinishReason.Length => ChatFinishReason.Length,
        _ => ChatFinishReason.Stop,
    };

    private static UsageDetails Details(Usage usage) => new()
    {
        InputTokenCount = usage.PromptTokens,
        OutputTokenCount = usage.OutputTokens,
        TotalTokenCount = usage.TotalTokens,
        CachedInputTokenCount = usage.CachedTokens,
    };
}
