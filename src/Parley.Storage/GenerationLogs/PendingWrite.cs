using Parley.Protocol.Generation;

namespace Parley.Storage;

/// <summary>What one caller handed to the log: events of one or more generations, or a deletion. Completes when it is durable, or with its failure.</summary>
internal sealed class PendingWrite
{
    private readonly TaskCompletionSource _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PendingWrite(IReadOnlyList<EncodedEvent> events, Guid? deleted)
    {
        (Events, Deleted) = (events, deleted);
        Bytes = events.Sum(entry => entry.Json.Length);
    }

    public IReadOnlyList<EncodedEvent> Events { get; }

    /// <summary>The generation to remove; null for an append.</summary>
    public Guid? Deleted { get; }

    public int Bytes { get; }

    public Task Durable => _durable.Task;

    /// <summary>Set when this write alone is refused; the rest of its group goes on.</summary>
    public Exception? Refusal { get; set; }

    public static PendingWrite Append(IReadOnlyList<GenerationEvent> events) => new([.. events.Select(EncodedEvent.Of)], null);

    public static PendingWrite Delete(Guid generation) => new([], generation);

    /// <summary>Tells the caller how its group went.</summary>
    public void Complete(Exception? groupFailure)
    {
        if ((Refusal ?? groupFailure) is { } failure)
        {
            _durable.TrySetException(failure);
        }
        else
        {
            _durable.TrySetResult();
        }
    }
}

/// <summary>An event as it is stored, encoded on the caller's thread so that the writer only writes.</summary>
internal readonly record struct EncodedEvent(Guid Generation, long Sequence, bool IsLast, byte[] Json)
{
    public static EncodedEvent Of(GenerationEvent entry) => new(
        entry.Generation, entry.Sequence, entry.Kind is GenerationEventKind.Completed or GenerationEventKind.Failed, StoredEvent.Write(entry));
}
