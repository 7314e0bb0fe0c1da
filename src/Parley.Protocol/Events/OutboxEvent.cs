namespace Parley.Protocol.Events;

/// <summary>
/// A domain event, written to the outbox table in the transaction of the state it describes. It carries ids and numbers, never prompt or
/// answer text. Consumers deduplicate by <see cref="Id"/>.
/// </summary>
public sealed class OutboxEvent
{
    /// <summary>Position in this database's log; set by the database, rising.</summary>
    public long Offset { get; init; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Dotted and past tense: generation.completed, message.rated, conversation.created, training.finished ...</summary>
    public required string Type { get; init; }

    /// <summary>Version of the payload's shape, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>UTC microseconds since 1970.</summary>
    public required long Time { get; init; }

    public string ProjectId { get; init; } = Identity.Local;

    /// <summary>Pseudonymous user the event is about.</summary>
    public string Subject { get; init; } = Identity.Local;

    public Guid? GenerationId { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Payload { get; init; }
}
