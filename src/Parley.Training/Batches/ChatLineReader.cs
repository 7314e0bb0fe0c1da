using System.Text.Json;
using Parley.Protocol.Generation;

namespace Parley.Training.Batches;

/// <summary>
/// One line's JSON as a conversation. What a server would refuse in a request is refused here too, and so is what could be read but never learned: a call of a function
/// that is not declared, a result of a call that was not made. What stands beside messages and tools (an id, a source) is the author's own affair.
/// </summary>
internal sealed class ChatLineReader(string path, int line)
{
    private readonly List<Message> _messages = [];
    private readonly List<bool> _weights = [];
    private readonly HashSet<string> _calls = new(StringComparer.Ordinal);
    private readonly ChatCallReader _functions = new(path, line);

    public ChatExample Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("messages", out var messages)
            || messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw Fault("has no \"messages\" list; write {\"messages\": [{\"role\": ..., \"content\": ...}, ...]}");
        }

        if (Has(root, "functions")) throw Fault("has \"functions\", which \"tools\" replaced; wrap each as {\"type\": \"function\", \"function\": ...} in \"tools\"");
        if (root.TryGetProperty("parallel_tool_calls", out var parallel) && parallel.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
        {
            throw Fault("has a \"parallel_tool_calls\" that is neither true nor false; correct or remove it");
        }

        var tools = _functions.ReadTools(root);
        foreach (var (index, message) in messages.EnumerateArray().Index()) Add(message, $"messages[{index}]");
        return new ChatExample(path, line, _messages, tools, _weights);
    }

    private void Add(JsonElement message, string place)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var named) || named.ValueKind != JsonValueKind.String)
        {
            throw Fault($"has a message without a \"role\" ({place}); give it system, developer, user, assistant or tool");
        }

        var role = Role(named.GetString()!, place);
        RequireKnown(message, role, place);
        var calls = role == MessageRole.Assistant ? _functions.ReadCalls(message, place) : [];
        foreach (var call in calls)
        {
            if (!_calls.Add(call.Id)) throw Fault($"has the call id \"{call.Id}\" twice ({place}); ids must differ");
        }

        _messages.Add(new Message(role, Content(message, isOptional: calls.Count > 0, place))
        {
            Name = Text(message, "name", place),
            ToolCalls = calls,
            ToolCallId = role == MessageRole.Tool ? CallId(message, place) : null,
        });
        if (role == MessageRole.Assistant) _weights.Add(Weight(message, place));
    }

    private MessageRole Role(string name, string place) => name switch
    {
        "system" or "developer" => MessageRole.System,
        "user" => MessageRole.User,
        "assistant" => MessageRole.Assistant,
        "tool" => MessageRole.Tool,
        "function" => throw Fault($"has the role \"function\", which \"tool\" replaced ({place}); write \"tool\" with a \"tool_call_id\""),
        _ => throw Fault($"has the unknown role \"{name}\" ({place}); use system, developer, user, assistant or tool"),
    };

    private void RequireKnown(JsonElement message, MessageRole role, string place)
    {
        foreach (var (name, value) in message.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null).Select(property => (property.Name, property.Value)))
        {
            var isKnown = name is "role" or "content" or "name"
                || (role == MessageRole.Assistant && name is "tool_calls" or "weight")
                || (role == MessageRole.Tool && name == "tool_call_id");
            if (isKnown) continue;
            if (name == "function_call") throw Fault($"has a \"function_call\", which \"tool_calls\" replaced ({place}); write a list of one call");
            throw Fault($"has \"{name}\" in a message of the role \"{message.GetProperty("role").GetString()}\" ({place}), which nothing is learned from; remove it");
        }
    }

    private IReadOnlyList<ContentPart> Content(JsonElement message, bool isOptional, string place)
    {
        var kind = message.TryGetProperty("content", out var content) ? content.ValueKind : JsonValueKind.Null;
        return kind switch
        {
            JsonValueKind.String => [new ContentPart.Text(content.GetString()!)],
            JsonValueKind.Array => [.. content.EnumerateArray().Select(part => Part(part, place))],
            JsonValueKind.Null when isOptional => [],
            _ => throw Fault($"has a message whose \"content\" is not a string ({place}); write a string or a list of text parts; only a message with calls may have none"),
        };
    }

    private ContentPart.Text Part(JsonElement part, string place)
    {
        var type = part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        if (type != "text") throw Fault($"has a part of the type \"{type}\" in its content ({place}); these models read text parts only");
        return new ContentPart.Text(Text(part, "text", place) ?? throw Fault($"has a text part without a \"text\" ({place}); add it"));
    }

    private string CallId(JsonElement message, string place)
    {
        var id = Text(message, "tool_call_id", place) ?? throw Fault($"has a tool message without a \"tool_call_id\" ({place}); name the call that it answers");
        return _calls.Contains(id) ? id : throw Fault($"has a tool message that answers \"{id}\" ({place}), which no assistant message before it calls; correct the id");
    }

    private bool Weight(JsonElement message, string place)
    {
        if (!Has(message, "weight")) return true;
        var weight = message.GetProperty("weight");
        return weight.ValueKind == JsonValueKind.Number && weight.TryGetDouble(out var value) && value is 0 or 1
            ? value != 0
            : throw Fault($"has a \"weight\" of {weight.GetRawText()} ({place}); it must be 0 or 1");
    }

    private string? Text(JsonElement owner, string name, string place)
    {
        if (!Has(owner, name)) return null;
        var value = owner.GetProperty(name);
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Fault($"has a \"{name}\" that is not a string ({place}); correct it");
    }

    private static bool Has(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private InvalidDataException Fault(string problem) => ChatFile.Fault(path, line, problem);
}
