using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Reads <c>tools</c>, <c>tool_choice</c> and <c>parallel_tool_calls</c>. Functions are the only tools; the rest is refused by its path.</summary>
internal static class ChatTools
{
    private const int MostTools = 128;

    /// <summary>Null when there are none.</summary>
    /// <exception cref="ParleyException">400.</exception>
    public static ToolSettings? Read(ParameterReader body)
    {
        var tools = ReadTools(body);
        var parallel = body.Boolean("parallel_tool_calls") ?? true;
        var (choice, name) = ReadChoice(body, tools);
        return tools.Count == 0 ? null : new ToolSettings(tools) { Choice = choice, ForcedName = name, Parallel = parallel };
    }

    /// <exception cref="ParleyException">400: a type other than function.</exception>
    public static void RequireFunction(ParameterReader reader)
    {
        var type = reader.RequireString("type");
        if (type != "function")
        {
            throw ParleyException.InvalidRequest($"'{reader.PathOf("type")}' is '{type}'; only function is supported.", reader.PathOf("type"), "unsupported_parameter");
        }
    }

    private static IReadOnlyList<Tool> ReadTools(ParameterReader body)
    {
        if (body.Take("tools") is not { } array)
        {
            return [];
        }

        if (array.ValueKind != JsonValueKind.Array)
        {
            throw ParameterReader.WrongType("tools", "an array", array);
        }

        Tool[] tools = [.. array.EnumerateArray().Select((element, i) => ReadTool(element, $"tools[{i}]"))];
        if (tools.Length > MostTools)
        {
            throw ParleyException.InvalidRequest($"'tools' has {tools.Length} entries; at most {MostTools} are taken.", "tools", "invalid_value");
        }

        return tools.GroupBy(tool => tool.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw ParleyException.InvalidRequest($"'tools' declares '{twice.Key}' twice; names must differ.", "tools", "invalid_value")
            : tools;
    }

    private static Tool ReadTool(JsonElement element, string path)
    {
        var tool = new ParameterReader(element, path);
        RequireFunction(tool);
        var function = new ParameterReader(tool.Require("function"), tool.PathOf("function"));
        tool.RefuseLeft();
        var name = function.RequireString("name");
        if (!IsName(name))
        {
            throw ParleyException.InvalidRequest(
                $"'{function.PathOf("name")}' is '{name}'; use 1 to 64 letters, digits, underscores, dots and dashes.", function.PathOf("name"), "invalid_value");
        }

        _ = function.String("description");
        var parameters = function.Take("parameters");
        if (parameters is { ValueKind: not JsonValueKind.Object } other)
        {
            throw ParameterReader.WrongType(function.PathOf("parameters"), "a JSON Schema", other);
        }

        var strict = function.Boolean("strict") ?? false;
        function.RefuseLeft();
        return new Tool(name, element.Clone(), parameters?.Clone(), strict);
    }

    private static (ToolChoice Choice, string? Name) ReadChoice(ParameterReader body, IReadOnlyList<Tool> tools)
    {
        if (body.Take("tool_choice") is not { } element)
        {
            return (ToolChoice.Auto, null);
        }

        var choice = element.ValueKind switch
        {
            JsonValueKind.String when element.ValueEquals("auto") => (ToolChoice.Auto, (string?)null),
            JsonValueKind.String when element.ValueEquals("none") => (ToolChoice.None, null),
            JsonValueKind.String when element.ValueEquals("required") => (ToolChoice.Required, null),
            JsonValueKind.Object => (ToolChoice.Required, ReadName(new ParameterReader(element, "tool_choice"), tools)),
            _ => throw ParleyException.InvalidRequest("'tool_choice' must be auto, none, required or name a function.", "tool_choice", "invalid_value"),
        };
        if (choice.Item1 == ToolChoice.Required && tools.Count == 0)
        {
            throw ParleyException.InvalidRequest("'tool_choice' asks for a call, but 'tools' declares no function.", "tool_choice", "invalid_value");
        }

        return choice;
    }

    private static string ReadName(ParameterReader choice, IReadOnlyList<Tool> tools)
    {
        RequireFunction(choice);
        var function = new ParameterReader(choice.Require("function"), "tool_choice.function");
        var name = function.RequireString("name");
        function.RefuseLeft();
        choice.RefuseLeft();
        return tools.Any(tool => tool.Name == name)
            ? name
            : throw ParleyException.InvalidRequest($"'tool_choice.function.name' is '{name}', which 'tools' does not declare.", "tool_choice", "invalid_value");
    }

    private static bool IsName(string name) => name.Length is >= 1 and <= 64 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-');
}
