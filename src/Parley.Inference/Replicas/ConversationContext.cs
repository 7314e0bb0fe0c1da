using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// A conversation as chat templates expect it: roles by name, calls with their arguments as objects, tools as they were declared. Requests and training examples
/// go through here alike, so that a model is asked in the words it learned.
/// </summary>
public static class ConversationContext
{
    /// <param name="format">How the template has calls written, see <see cref="AnswerFormat.Of"/>.</param>
    /// <exception cref="ParleyException">400: a role is not known.</exception>
    public static ChatContext Of(IReadOnlyList<Message> messages, IReadOnlyList<Tool> tools, CallFormat format) => new()
    {
        Messages = format.NeedsDescription ? DescribedTools.Of(messages, tools) : [.. messages.Select(Message)],
        Tools = format.NeedsDescription ? [] : [.. tools.Select(tool => tool.Declaration)],
    };

    /// <summary>With an opened answer.</summary>
    /// <exception cref="ParleyException">400: a role is not known.</exception>
    internal static ChatContext Of(IReadOnlyList<Message> messages, GenerationRequest request, CallFormat format) =>
        Of(messages, request.Tools is { Choice: not ToolChoice.None } settings ? settings.Tools : [], format) with
        {
            AddGenerationPrompt = true,
            Variables = request.TemplateVariables,
        };

    internal static ChatTemplateMessage Message(Message message) => new(RoleName(message.Role), message.PlainText)
    {
        Name = message.Name,
        ReasoningContent = message.Reasoning,
        ToolCalls = message.ToolCalls.Count > 0 ? Calls(message.ToolCalls) : null,
        ToolCallId = message.ToolCallId,
    };

    private static JsonElement Calls(IReadOnlyList<ToolCall> calls)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var call in calls)
            {
                json.WriteStartObject();
                json.WriteString("id", call.Id);
                json.WriteString("type", "function");
                json.WriteStartObject("function");
                json.WriteString("name", call.Name);
                json.WritePropertyName("arguments");
                WriteArguments(json, call.Arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }

    // What a model once wrote need not have been JSON; a template then gets the text.
    private static void WriteArguments(Utf8JsonWriter json, string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments.Length == 0 ? "{}" : arguments);
            document.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteStringValue(arguments);
        }
    }

    private static string RoleName(MessageRole role) => role switch
    {
        MessageRole.System => "system",
        MessageRole.User => "user",
        MessageRole.Assistant => "assistant",
        MessageRole.Tool => "tool",
        _ => throw ParleyException.InvalidRequest($"The role {role} is not supported; use system, user, assistant or tool.", "messages"),
    };
}
