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
            "tool" => MessageRole.Tool,
            var other => throw ParleyException.InvalidRequest(
                $"'{message.PathOf("role")}' is '{other}'; it must be system, developer, user, assistant or tool.", message.PathOf("role"), "invalid_value"),
        };
        var calls = role == MessageRole.Assistant ? ReadCalls(message) : [];
        var read = new Message(role, ReadContent(message, isOptional: calls.Count > 0))
        {
            Name = message.String("name"),
            ToolCalls = calls,
            ToolCallId = role == MessageRole.Tool ? message.RequireString("tool_call_id") : null,
            Reasoning = role == MessageRole.Assistant ? message.String("reasoning_content") : null,
        };

        // Clients echo whole answers back: a refusal that is null says nothing, nor do notes on sources when there are none.
        _ = message.String("refusal");
        if (message.Take("annotations") is { } notes && !(notes.ValueKind == JsonValueKind.Array && notes.GetArrayLength() == 0))
        {
            throw ParleyException.InvalidRequest($"'{message.PathOf("annotations")}' is not supported; leave it out.", message.PathOf("annotations"), "unsupported_parameter");
        }

        message.RefuseLeft();
        return read;
    }

    private static IReadOnlyList<ToolCall> ReadCalls(ParameterReader message)
    {
        if (message.Take("tool_calls") is not { } array)
        {
            return [];
        }

        var path = message.PathOf("tool_calls");
        return array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Select((call, i) => ReadCall(new ParameterReader(call, $"{path}[{i}]")))]
            : throw ParameterReader.WrongType(path, "an array", array);
    }

    private static ToolCall ReadCall(ParameterReader call)
    {
        ChatTools.RequireFunction(call);
        var function = new ParameterReader(call.Require("function"), call.PathOf("function"));
        var read = new ToolCall(call.RequireString("id"), function.RequireString("name"), function.RequireString("arguments"));
        function.RefuseLeft();
        call.RefuseLeft();
        return read;
    }

    private static IReadOnlyList<ContentPart> ReadContent(ParameterReader message, bool isOptional)
    {
        var path = message.PathOf("content");
        if ((isOptional ? message.Take("content") : message.Require("content")) is not { } content)
        {
            return [];
        }

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
