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

    /// <summary>Further variables, such as enable_thinking or documents; they stand above those of the same name that are always there.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>
    /// Only messages and <see cref="Variables"/> are defined. Otherwise the template also finds the vocabulary's bos_token and eos_token, and
    /// tools and documents that are not there are none, as Hugging Face has it.
    /// </summary>
    public bool IsComplete { get; init; }

    /// <summary>A context as Hugging Face's <c>apply_chat_template</c> would pass it on: every name of the object becomes a variable, no other does.</summary>
    /// <exception cref="ArgumentException">Not an object with a list of messages, each with a role.</exception>
    public static ChatContext FromJson(JsonElement context)
    {
        if (context.ValueKind != JsonValueKind.Object || !context.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
            throw new ArgumentException("A context is an object with a list \"messages\".", nameof(context));
        return new()
        {
            Messages = [.. messages.EnumerateArray().Select(ChatTemplateMessage.FromJson)],
            AddGenerationPrompt = context.TryGetProperty("add_generation_prompt", out var add) && add.ValueKind == JsonValueKind.True,
            Variables = context.EnumerateObject().Where(property => property.Name != "messages")
                .ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal),
            IsComplete = true,
        };
    }
}
