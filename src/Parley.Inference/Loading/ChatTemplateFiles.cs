using System.Text.Json;
using Parley.Models;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// Where model files keep their chat template: GGUF metadata (tokenizer.chat_template, and tokenizer.chat_template.tool_use beside it), or in a Hugging
/// Face folder chat_template.jinja or tokenizer_config.json, where it is a string or a list of named ones. It parses no template.
/// </summary>
internal static class ChatTemplateFiles
{
    private const string GgufKey = "tokenizer.chat_template";
    private const string ConfigFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";
    private const string ToolVariant = "tool_use";

    /// <summary>Null when the file has none.</summary>
    public static ChatTemplateSource? FromGguf(GgufMetadata metadata, Tokenizer tokenizer)
    {
        if (metadata.Text(GgufKey, "") is not { Length: > 0 } template)
        {
            return null;
        }

        return new ChatTemplateSource(template)
        {
            ForTools = metadata.Text($"{GgufKey}.{ToolVariant}", "") is { Length: > 0 } variant ? variant : null,
            BeginToken = Special("bos_token_id"),
            EndToken = Special("eos_token_id"),
        };

        string Special(string key) => tokenizer.Special.TextOf(metadata.Integer($"tokenizer.ggml.{key}", -1)) ?? "";
    }

    /// <summary>Null when the folder has none.</summary>
    /// <exception cref="ModelFormatException">A file cannot be read as what it is.</exception>
    public static ChatTemplateSource? FromFolder(string folder)
    {
        var (config, template) = (Path.Combine(folder, ConfigFile), Path.Combine(folder, TemplateFile));
        var alone = File.Exists(template) ? File.ReadAllText(template) : null;
        if (!File.Exists(config))
        {
            return alone is null ? null : new ChatTemplateSource(alone);
        }

        using var json = Parse(config);
        try
        {
            var source = FromConfig(json.RootElement, alone);
            return source is null ? null : source with
            {
                ForTools = source.ForTools ?? ReadVariant(folder),
                BeginToken = TokenText(json.RootElement, "bos_token"),
                EndToken = TokenText(json.RootElement, "eos_token"),
            };
        }
        catch (InvalidOperationException error) // a string that is not UTF-8
        {
            throw NotValid(config, error);
        }
    }

    private static ChatTemplateSource? FromConfig(JsonElement config, string? alone)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config.TryGetProperty("chat_template", out var value) && value.ValueKind == JsonValueKind.String)
        {
            named["default"] = value.GetString()!;
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in value.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object))
            {
                if (TokenText(entry, "name") is { Length: > 0 } name && TokenText(entry, "template") is { Length: > 0 } text)
                {
                    named[name] = text;
                }
            }
        }

        var tools = named.GetValueOrDefault(ToolVariant);
        return (alone ?? named.GetValueOrDefault("default") ?? tools) is { } template ? new ChatTemplateSource(template) { ForTools = tools } : null;
    }

    private static string? ReadVariant(string folder)
    {
        var path = Path.Combine(folder, "additional_chat_templates", $"{ToolVariant}.jinja");
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new JsonException("It is not a JSON object.");
        }
        catch (JsonException error)
        {
            throw NotValid(path, error);
        }
    }

    private static ModelFormatException NotValid(string path, Exception error) =>
        new($"'{path}' is not valid JSON, or no object. Restore the file from its source.", error) { File = path };

    /// <summary>A string, or an added token's content; empty when there is none.</summary>
    private static string TokenText(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            return "";
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out var content))
        {
            value = content;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
