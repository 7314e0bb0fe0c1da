using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Reads <c>messages</c> of a chat completion. Text is all that is read so far; anything else is refused by its path.</summary>
internal static class ChatMessages
{
    public static IReadOnlyList<Message> Read(ParameterReader body)
    {
        var array = body.Require("messages");
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw ParameterReader.WrongType("messages", "an array", array);
        }

        Message[] messages = [.. array.EnumerateArray().Select((element, i) => ReadMessage(new ParameterReader(element, $"messages[{i}]")))];
        return messages.Length > 0 ? messages : throw ParleyException.InvalidRequest("'messages' is empty; send at least one message.", "messages", "invalid_value");
    }

    private static Message ReadMessage(ParameterReader message)
    {
        var role = message.RequireString("role") switch
        {
            "system" or "developer" => MessageRole.System,
            "user" => MessageRole.User,
            "assistant" => MessageRole.Assistant,
            "tool" or "function" => throw ParleyException.InvalidRequest($"'{message.PathOf("role")}': tool messages are not supported yet.", message.PathOf("role"), "unsupported_parameter"),
            var other => throw ParleyException.InvalidRequest(
                $"'{message.PathOf("role")}' is '{other}'; it must be system, developer, user or assistant.", message.PathOf("role"), "invalid_value"),
        };
        var read = new Message(role, ReadContent(message)) { Name = message.String("name") };

        // Clients echo whole answers back: a refusal or tool calls that are null or empty say nothing.
        _ = message.String("refusal");
        if (message.Take("tool_calls") is { } calls && !(calls.ValueKind == JsonValueKind.Array && calls.GetArrayLength() == 0))
        {
            throw ParleyException.InvalidRequest($"'{message.PathOf("tool_calls")}' is not supported yet; leave it out.", message.PathOf("tool_calls"), "unsupported_parameter");
        }

        message.RefuseLeft();
        return read;
    }

    private static IReadOnlyList<ContentPart> ReadContent(ParameterReader message)
    {
        var path = message.PathOf("content");
        var content = message.Require("content");
        return content.ValueKind switch
        {
            JsonValueKind.String => [new ContentPart.Text(content.GetString()!)],
            JsonValueKind.Array => [.. content.EnumerateArray().Select((part, i) => ReadPart(new ParameterReader(part, $"{path}[{i}]")))],
            _ => throw ParameterReader.WrongType(path, "a string or an array of parts", content),
        };
    }

    private static ContentPart ReadPart(ParameterReader part)
    {
        var type = part.RequireString("type");
        if (type != "text")
        {
            throw ParleyException.InvalidRequest($"'{part.PathOf("type")}' is '{type}'; these models read text parts only.", part.PathOf("type"), "unsupported_parameter");
        }

        var text = new ContentPart.Text(part.RequireString("text"));
        part.RefuseLeft();
        return text;
    }
}
