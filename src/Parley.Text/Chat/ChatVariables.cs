using System.Text.Json;
using Parley.Text.Jinja;

namespace Parley.Text;

/// <summary>
/// A context as a template's variables. Everything that came with the request is foreign; what assistant message n says carries n, so that a
/// loss mask can find it again in the output.
/// </summary>
internal static class ChatVariables
{
    public static Dictionary<string, JinjaValue> Of(ChatContext context, string beginToken, string endToken)
    {
        var variables = new Dictionary<string, JinjaValue>(StringComparer.Ordinal)
        {
            ["messages"] = new JinjaList([.. context.Messages.Select(Message)], origin: TextOrigin.Foreign),
        };
        if (!context.IsComplete)
        {
            variables["add_generation_prompt"] = context.AddGenerationPrompt;
            variables["bos_token"] = new JinjaString(beginToken);
            variables["eos_token"] = new JinjaString(endToken);
            variables["tools"] = variables["documents"] = JinjaNone.Value;
        }

        if (context.Tools.Count > 0)
            variables["tools"] = new JinjaList([.. context.Tools.Select(tool => JsonValues.Read(tool, TextOrigin.Foreign))], origin: TextOrigin.Foreign);
        foreach (var (name, value) in context.Variables)
            variables[name] = JsonValues.Read(value, TextOrigin.Foreign);
        return variables;
    }

    /// <summary>What marks the words of the message at an index, if an assistant said them.</summary>
    public static int Speaker(int index) => index + 1;

    private static JinjaValue Message(ChatTemplateMessage message, int index)
    {
        var said = message.Role == "assistant" ? new TextOrigin(Speaker(index)) : TextOrigin.Foreign;
        var map = new JinjaMap(TextOrigin.Foreign);
        foreach (var (name, value) in message.Json is { } json ? json.EnumerateObject().Select(property => (property.Name, property.Value)) : [])
            map.Set(name, JsonValues.Read(value, name is "role" or "name" ? TextOrigin.Foreign : said));
        if (message.Json is not null)
            return map;

        map.Set("role", JsonValues.Text(message.Role, TextOrigin.Foreign));
        map.Set("content", message.Parts is { } parts ? JsonValues.Read(parts, said) : JsonValues.Text(message.Content, said));
        Add("reasoning_content", message.ReasoningContent);
        if (message.ToolCalls is { ValueKind: JsonValueKind.Array } calls)
            map.Set("tool_calls", JsonValues.Read(calls, said));
        Add("tool_call_id", message.ToolCallId);
        Add("name", message.Name);
        return map;

        void Add(string name, string? text)
        {
            if (text is not null)
                map.Set(name, JsonValues.Text(text, name == "name" ? TextOrigin.Foreign : said));
        }
    }
}
