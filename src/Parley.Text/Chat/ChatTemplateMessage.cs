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

    /// <summary>False for an assistant's message that is context only: the loss mask leaves it out. The ids are the same.</summary>
    public bool IsScored { get; init; } = true;

    /// <summary>The whole message as it came; null: it is what the other properties say.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>A message of any shape: the template sees it as it is.</summary>
    /// <exception cref="ArgumentException">Not an object with a role.</exception>
    public static ChatTemplateMessage FromJson(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String)
            throw new ArgumentException("A message is an object with a \"role\".", nameof(message));
        var text = message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "";
        return new(role.GetString()!, text) { Json = message };
    }
}
