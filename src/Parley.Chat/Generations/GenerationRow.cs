using Parley.Protocol;

namespace Parley.Chat.Generations;

/// <summary>
/// One run of a model on behalf of a message: which, with what settings, and where its text begins in the message. Its events are in the
/// generation log under the same id.
/// </summary>
public sealed class GenerationRow
{
    public required Guid Id { get; init; }

    public required Guid MessageId { get; init; }

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    /// <summary>0 for the first run of a message, then 1 for each time it was continued.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Length in UTF-16 units of the message's text before this run.</summary>
    public required int Offset { get; init; }

    /// <summary>As <see cref="Offset"/>, of the message's thoughts.</summary>
    public int ReasoningOffset { get; init; }

    public required string Model { get; init; }

    /// <summary>The seed's 64 bits; a continued answer keeps the first run's seed and so goes on as it would have.</summary>
    public required long Seed { get; init; }

    public required float Temperature { get; init; }

    public required float TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public required long CreatedAt { get; init; }
}
