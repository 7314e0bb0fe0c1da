using System.Text.Json;

namespace Parley.Text;

/// <summary>What a template renders: the conversation, the tools on offer, and the switches that a model's template knows by name.</summary>
public sealed record ChatContext
{
    public IReadOnlyList<ChatTemplateMessage> Messages { get; init; } = [];

    /// <summary>Function declarations as the wire has them, in order.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Whether the header of an answer follows the last message.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Further variables, such as enable_thinking or documents.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
