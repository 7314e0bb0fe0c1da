namespace Parley.Protocol.Generation;

/// <summary>One turn of a conversation: who speaks, and what, as typed parts.</summary>
public sealed record Message(MessageRole Role, IReadOnlyList<ContentPart> Parts)
{
    public Message(MessageRole role, string text)
        : this(role, [new ContentPart.Text(text)])
    {
    }

    /// <summary>The speaker's name where the dialect gives one.</summary>
    public string? Name { get; init; }

    /// <summary>Assistant: what it thought before it said this; null: unknown.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Assistant: the calls it made.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Tool: the call that this answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The text parts, joined without a separator.</summary>
    public string PlainText => string.Concat(Parts.OfType<ContentPart.Text>().Select(part => part.Value));
}

public enum MessageRole
{
    System,
    User,
    Assistant,
    Tool,
}

/// <summary>One typed part of a message. Text is all the first models read; others are refused by name.</summary>
public abstract record ContentPart
{
    private ContentPart()
    {
    }

    public sealed record Text(string Value) : ContentPart;
}
