using System.Text.Json;

namespace Parley.Text;

/// <summary>One message as the template sees it: a role (system, user, assistant, tool), plain text, and what else a dialect knows of it.</summary>
public sealed record ChatTemplateMessage(string Role, string Content)
{
    /// <summary>Content as typed parts, for templates that walk them; null: plain text.</summary>
    public JsonElement? Parts { get; init; }

    /// <summary>What the model thought before it answered.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The calls an assistant made: an array in the wire's shape, arguments as an object.</summary>
    public JsonElement? ToolCalls { get; init; }

    /// <summary>Which call a tool's message answers.</summary>
    public string? ToolCallId { get; init; }

    public string? Name { get; init; }
}
