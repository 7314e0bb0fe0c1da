namespace Parley.Protocol.Generation;

/// <summary>
/// Anything that generates: an engine in this process, a replica in another, any OpenAI-compatible server, and the gateway in
/// front of them all. The stream ends with Completed or Failed; cancelling the token ends it early, frees the engine within one
/// step and is not an error: the replica still yields Finished(Cancelled) and Completed with the exact usage to a reader that goes on
/// reading, so the ledger settles on what was produced.
/// </summary>
public interface IReplica
{
    /// <summary>The models this replica answers for.</summary>
    IReadOnlyList<ModelDescription> Models { get; }

    /// <exception cref="Errors.ParleyException">Before the first event: the request cannot be served (unknown model, prompt longer than the context ...).</exception>
    IAsyncEnumerable<GenerationEvent> Generate(GenerationRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A model as callers see it. <paramref name="Version"/> is the weights id; <paramref name="Created"/> is Unix seconds.</summary>
public sealed record ModelDescription(string Id, string Version, int ContextLength, long Parameters, long Created)
{
    /// <summary>For an adapter, the model that it adapts; its version is then the weights id, a plus sign and the adapter's id.</summary>
    public string? Parent { get; init; }
}
