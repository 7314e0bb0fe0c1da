namespace Parley.Protocol.Events;

/// <summary>The domain event log: what happened, in order, for other rooms to project from. Embedded default: the outbox table itself.</summary>
public interface IEventLog
{
    /// <summary>Appends events that describe no other row of this database.</summary>
    Task AppendAsync(IReadOnlyList<OutboxEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Events after <paramref name="offset"/>, oldest first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<OutboxEvent>> ReadAsync(long offset, int limit, CancellationToken cancellationToken = default);

    /// <summary>Events after <paramref name="offset"/>, then those to come, until cancelled.</summary>
    IAsyncEnumerable<OutboxEvent> SubscribeAsync(long offset, CancellationToken cancellationToken = default);
}
