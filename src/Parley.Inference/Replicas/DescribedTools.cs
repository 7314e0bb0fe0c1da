using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Protocol.Generation;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Tools for a template that has no place for them: described in the system message, calls written as the JSON that was asked for, results as what a
/// user says. Conversations without tools stay as they are.
/// </summary>
internal static class DescribedTools
{
    private static readonly JsonWriterOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<ChatTemplateMessage> Of(IReadOnlyList<Message> messages, IReadOnlyList<Tool> tools)
    {
        List<ChatTemplateMessage> rendered = [.. messages.Select(Plain)];
        if (tools.Count == 0)
        {
            return rendered;
        }

        if (rendered[0].Role == "system")
        {
            rendered[0] = rendered[0] with { Content = rendered[0].Content + "\n\n" + Describe(tools) };
        }
        else
        {
            rendered.Insert(0, new("system", Describe(tools)));
        }

        return rendered;
    }

    private static ChatTemplateMessage Plain(Message message) => message switch
    {
        { ToolCalls.Count: > 0 } => new("assistant", message.PlainText + string.Join('\n', message.ToolCalls.Select(Write))),
        { Role: MessageRole.Tool } => new("user", $"Result of call {message.ToolCallId}: {message.PlainText}"),
        _ => ConversationContext.Message(message),
    };

    private static string Write(ToolCall call) => $"{{\"name\": \"{call.Name}\", \"arguments\": {call.Arguments}}}";

    private static string Describe(IReadOnlyList<Tool> tools)
    {
        var text = new StringBuilder("You may call these functions:\n");
        foreach (var tool in tools)
        {
            text.Append(WithoutSpace(tool.Declaration)).Append('\n');
        }

        return text.Append("To call one, answer with nothing but a JSON object: {\"name\": its name, \"arguments\": an object}.").ToString();
    }

    // Clients and files space and escape their JSON differently; the model reads it one way. What is not Unicode stays as it came.
    private static string WithoutSpace(JsonElement declaration)
    {
        try
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer, Plainly))
            {
                declaration.WriteTo(json);
            }

            return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        }
        catch (InvalidOperationException)
        {
            return declaration.GetRawText();
        }
    }
}
