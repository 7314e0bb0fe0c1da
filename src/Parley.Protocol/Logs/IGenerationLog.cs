using Parley.Protocol.Generation;

namespace Parley.Protocol.Logs;

/// <summary>
/// The append-only, sequence-numbered log of each durable generation. An event is returned by a reader only after its commit; one writer
/// group-commits the appends of all live generations (at most 20 ms or 64 kB).
/// </summary>
public interface IGenerationLog
{
    /// <summary>Queues events and completes when they are durable. Sequence numbers of one generation must be consecutive.</summary>
    Task AppendAsync(IReadOnlyList<GenerationEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Committed events with a sequence number above <paramref name="after"/>, oldest first.</summary>
    Task<IReadOnlyList<GenerationEvent>> ReadAsync(Guid generation, long after, CancellationToken cancellationToken = default);

    /// <summary>Committed events above <paramref name="after"/>, then live ones, ending after Completed or Failed, or when the generation is deleted.</summary>
    IAsyncEnumerable<GenerationEvent> FollowAsync(Guid generation, long after, CancellationToken cancellationToken = default);

    /// <summary>Removes a generation's text for good. Later appends to it fail.</summary>
    Task DeleteAsync(Guid generation, CancellationToken cancellationToken = default);
}
