using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Protocol.Clients;

/// <summary>One message of an <see cref="IChatClient"/>'s caller as messages of ours: the results of several calls are a message each.</summary>
internal static class ClientMessages
{
    /// <exception cref="ParleyException">400: a role or a kind of content that is not supported.</exception>
    public static IEnumerable<Message> Read(ChatMessage message)
    {
        var contents = message.Contents.Where(content => content is not UsageContent).ToArray();
        var odd = contents.FirstOrDefault(content => !IsKnown(content, message.Role));
        if (odd is not null)
        {
            throw Refusal(odd.GetType().Name, $"'{odd.GetType().Name}' is not supported in messages of role '{message.Role}'; leave it out.");
        }

        return message.Role == ChatRole.Tool ? contents.Cast<FunctionResultContent>().Select(Result) : [Plain(message, contents)];
    }

    private static bool IsKnown(AIContent content, ChatRole role) =>
        role == ChatRole.Tool ? content is FunctionResultContent
        : content is TextContent || (role == ChatRole.Assistant && content is TextReasoningContent or FunctionCallContent);

    private static Message Plain(ChatMessage message, AIContent[] contents)
    {
        var role = message.Role == ChatRole.System ? MessageRole.System
            : message.Role == ChatRole.User ? MessageRole.User
            : message.Role == ChatRole.Assistant ? MessageRole.Assistant
            : throw Refusal("messages", $"Messages of role '{message.Role}' are not supported; use system, user, assistant or tool.");
        var reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text));
        return new Message(role, string.Concat(contents.OfType<TextContent>().Select(content => content.Text)))
        {
            Name = message.AuthorName,
            Reasoning = reasoning.Length > 0 ? reasoning : null,
            ToolCalls = [.. contents.OfType<FunctionCallContent>().Select(call => new ToolCall(call.CallId, call.Name, Json(call.Arguments) ?? "{}"))],
        };
    }

    private static Message Result(FunctionResultContent content) => new(MessageRole.Tool, content.Result switch
    {
        null => content.Exception?.Message ?? "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        var other => Json(other)!,
    })
    {
        ToolCallId = content.CallId,
    };

    private static string? Json(object? value)
    {
        if (value is null)
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static ParleyException Refusal(string param, string sentence) => ParleyException.InvalidRequest(sentence, param, "unsupported_parameter");
}
