using Parley.Protocol;

namespace Parley.Chat.Conversations;

/// <summary>
/// One node of a conversation's tree. A user's message never changes. An assistant's message takes its text from the logs of its
/// generations, in order; <see cref="Content"/> is set when the latest of them ends.
/// </summary>
public sealed class ConversationMessage
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid ConversationId { get; init; }

    /// <summary>The message this one answers or follows; null for the first.</summary>
    public Guid? ParentId { get; init; }

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    public required MessageAuthor Author { get; init; }

    public required string Content { get; set; }

    /// <summary>What the model thought before it answered, kept as <see cref="Content"/> is; null: nothing.</summary>
    public string? Reasoning { get; set; }

    /// <summary>The latest generation that wrote this message; null for a user's message.</summary>
    public Guid? GenerationId { get; set; }

    public required MessageStatus Status { get; set; }

    /// <summary>stop or length, once completed.</summary>
    public string? FinishReason { get; set; }

    /// <summary>One sentence for a failed answer.</summary>
    public string? Error { get; set; }

    public string? Model { get; init; }

    /// <summary>The weights id of the model version that answered.</summary>
    public string? ModelVersion { get; set; }

    public int? PromptTokens { get; set; }

    public int? OutputTokens { get; set; }

    /// <summary>up, down or null.</summary>
    public string? Feedback { get; set; }

    public required long CreatedAt { get; init; }
}

public enum MessageAuthor
{
    User,
    Assistant,
}

public enum MessageStatus
{
    Completed,
    Streaming,
    Cancelled,

    /// <summary>The server stopped in mid-answer; what was shown is kept and can be continued.</summary>
    Interrupted,
    Failed,
}
