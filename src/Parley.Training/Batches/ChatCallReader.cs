using System.Text.Json;
using Parley.Protocol.Generation;

namespace Parley.Training.Batches;

/// <summary>The functions that a line declares, and the calls that its assistant makes of them. What is learned must be what a server would understand as a call.</summary>
internal sealed class ChatCallReader(string path, int line)
{
    private const int MostTools = 128;

    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);

    /// <summary>The line's tools, in order; to be called before the calls are read.</summary>
    public IReadOnlyList<Tool> ReadTools(JsonElement root)
    {
        if (!root.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null) return [];
        if (tools.ValueKind != JsonValueKind.Array) throw Fault("has \"tools\" that are no list; write [{\"type\": \"function\", \"function\": ...}]");
        if (tools.GetArrayLength() > MostTools) throw Fault($"has {tools.GetArrayLength()} tools; at most {MostTools} are taken");
        return [.. tools.EnumerateArray().Select((tool, index) => ReadTool(tool, $"tools[{index}]"))];
    }

    /// <summary>The calls of an assistant's message; none when it has no list of them.</summary>
    public IReadOnlyList<ToolCall> ReadCalls(JsonElement message, string place)
    {
        if (!message.TryGetProperty("tool_calls", out var calls) || calls.ValueKind == JsonValueKind.Null) return [];
        return calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() > 0
            ? [.. calls.EnumerateArray().Select((call, index) => ReadCall(call, $"{place}.tool_calls[{index}]"))]
            : throw Fault($"has \"tool_calls\" that are no list of calls ({place}); list at least one, or leave them out");
    }

    private Tool ReadTool(JsonElement tool, string place)
    {
        var function = Function(tool, place);
        var name = Text(function, "name", place);
        if (!_declared.Add(name)) throw Fault($"declares \"{name}\" twice ({place}); names must differ");
        JsonElement? parameters = function.TryGetProperty("parameters", out var schema) && schema.ValueKind != JsonValueKind.Null ? schema.Clone() : null;
        if (parameters is { ValueKind: not JsonValueKind.Object }) throw Fault($"has \"parameters\" that are no JSON Schema ({place}); write an object or leave them out");
        return new Tool(name, tool.Clone(), parameters, function.TryGetProperty("strict", out var strict) && strict.ValueKind == JsonValueKind.True);
    }

    private ToolCall ReadCall(JsonElement call, string place)
    {
        var function = Function(call, place);
        var (id, name) = (Text(call, "id", place), Text(function, "name", place));
        if (!_declared.Contains(name)) throw Fault($"calls \"{name}\" ({place}), which its \"tools\" do not declare; declare it, or correct the name");
        var arguments = Text(function, "arguments", place);
        return IsObject(arguments)
            ? new ToolCall(id, name, arguments)
            : throw Fault($"calls \"{name}\" with \"arguments\" that are no JSON object in a string ({place}); write them as \"{{\\\"name\\\": value}}\"");
    }

    private JsonElement Function(JsonElement owner, string place)
    {
        var isFunction = owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("function");
        return isFunction && owner.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object
            ? function
            : throw Fault($"has an entry that is no function ({place}); write {{\"type\": \"function\", \"function\": {{...}}}}");
    }

    private string Text(JsonElement owner, string name, string place) => owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Fault($"has a function whose \"{name}\" is not a string ({place}); correct it");

    private static bool IsObject(string arguments)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private InvalidDataException Fault(string problem) => ChatFile.Fault(path, line, problem);
}
