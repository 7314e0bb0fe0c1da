using Parley.Protocol;

namespace Parley.Chat.Conversations;

/// <summary>
/// A thread between a person and a model. Its messages form a tree by parent id: an edit or a regeneration adds a sibling, nothing is overwritten.
/// The active leaf says which branch is shown.
/// </summary>
public sealed class Conversation
{
    /// <summary>Titles are cut to this many characters.</summary>
    public const int MaxTitleLength = 200;

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    public required string Title { get; set; }

    /// <summary>The model new answers come from unless the call names another.</summary>
    public required string Model { get; set; }

    /// <summary>The last message of the branch that is shown; null in an empty conversation.</summary>
    public Guid? ActiveLeafId { get; set; }

    /// <summary>UTC microseconds.</summary>
    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; set; }
}
