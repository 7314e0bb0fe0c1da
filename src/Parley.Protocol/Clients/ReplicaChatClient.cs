using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Clients;

/// <summary>
/// Any replica as <see cref="IChatClient"/>, the seam by which product code meets models: text, thoughts, calls and their results, forms, sampling, limits
/// and usage. What it cannot honour (images, tools that are no functions) it refuses by name.
/// </summary>
/// <param name="replica">Stays the caller's.</param>
/// <param name="defaultModel">The model for calls that name none.</param>
public sealed class ReplicaChatClient(IReplica replica, string defaultModel) : IChatClient
{
    /// <exception cref="ParleyException">The request cannot be served, or the answer failed.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <remarks>A call comes when it is whole: there are no pieces of calls in this seam.</remarks>
    /// <exception cref="ParleyException">The request cannot be served, or the answer failed.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = ClientRequest.Of(messages, options, defaultModel);
        var answer = new ClientAnswer(showsThoughts: options?.Reasoning?.Output != ReasoningOutput.None);
        await foreach (var entry in replica.Generate(request, cancellationToken))
        {
            var contents = answer.Read(entry);
            if (contents.Count > 0 || entry.FinishReason is not null)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
                {
                    ResponseId = request.Id.ToString(),
                    MessageId = request.Id.ToString(),
                    ModelId = request.Model,
                    FinishReason = ClientAnswer.Reason(entry),
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
}
