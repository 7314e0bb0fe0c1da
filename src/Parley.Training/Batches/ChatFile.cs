using System.IO.Compression;
using System.Text.Json;
using Parley.Text;

namespace Parley.Training.Batches;

/// <summary>
/// Reads dialogues in the format of OpenAI's fine-tuning files: one JSON object a line, {"messages": [{"role", "content"} ...]}, gzip if the
/// name ends in .gz. Every fault is an <see cref="InvalidDataException"/> that names file and line. It does not know token ids.
/// </summary>
public static class ChatFile
{
    /// <summary>The dialogues with their line numbers, counted from 1; empty lines are passed over.</summary>
    public static IEnumerable<(int Line, IReadOnlyList<ChatTemplateMessage> Messages)> Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} does not exist; name a chat file with one JSON object a line.");
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text)) yield return (line, Parse(path, line, text));
        }
    }

    private static List<ChatTemplateMessage> Parse(string path, int line, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("messages", out var messages)
                && messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0)
            {
                return [.. messages.EnumerateArray().Select(message => ParseMessage(path, line, message))];
            }
        }
        catch (JsonException error)
        {
            throw Fault(path, line, $"is not valid JSON ({error.Message.Split('.')[0]})", error);
        }

        throw Fault(path, line, "has no \"messages\" list");
    }

    private static ChatTemplateMessage ParseMessage(string path, int line, JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String)
        {
            throw Fault(path, line, "has a message without a \"role\"");
        }

        if (message.TryGetProperty("tool_calls", out _)) throw Fault(path, line, "has \"tool_calls\", which are not supported yet");
        if (!ChatTemplate.Roles.Contains(role.GetString()!, StringComparer.Ordinal))
        {
            throw Fault(path, line, $"has the unknown role \"{role.GetString()}\"; use one of: {string.Join(", ", ChatTemplate.Roles)}");
        }

        return message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
            ? new ChatTemplateMessage(role.GetString()!, content.GetString()!)
            : throw Fault(path, line, $"has a {role.GetString()} message whose \"content\" is not a string");
    }

    private static InvalidDataException Fault(string path, int line, string problem, Exception? inner = null) =>
        new($"{path}, line {line} {problem}.", inner);
}
