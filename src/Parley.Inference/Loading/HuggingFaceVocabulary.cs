using System.Text.Json;
using Parley.Models;
using Parley.Text;

namespace Parley.Inference;

/// <summary>
/// What a Hugging Face folder says about its tokens: end tokens in generation_config.json and config.json (eos_token_id, one or several), begin and
/// end by name and the template in tokenizer_config.json.
/// </summary>
internal static class HuggingFaceVocabulary
{
    /// <exception cref="ModelFormatException">A file is not JSON, or names a token that the vocabulary has not.</exception>
    public static ModelVocabulary Read(string folder, Tokenizer tokenizer)
    {
        var named = ModelVocabulary.Of(tokenizer);
        var template = ChatTemplateFiles.FromFolder(folder);
        int[] ends =
        [
            .. EndIds(Path.Combine(folder, "generation_config.json"), tokenizer),
            .. EndIds(Path.Combine(folder, HuggingFaceModel.ConfigFile), tokenizer),
        ];
        return new()
        {
            EndTokens = [.. ends.Concat(Named(tokenizer, template?.EndToken)).Concat(named.EndTokens).Distinct()],
            Prefix = tokenizer.Prefix,
            DocumentStart = Named(tokenizer, template?.BeginToken).Cast<int?>().FirstOrDefault() ?? named.DocumentStart,
            Template = template,
        };
    }

    private static int[] Named(Tokenizer tokenizer, string? name) => name is not null && tokenizer.Special.TryGet(name, out var id) ? [id] : [];

    private static List<int> EndIds(string path, Tokenizer tokenizer)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var json = Parse(path);
        if (!json.RootElement.TryGetProperty("eos_token_id", out var value))
        {
            return [];
        }

        var ids = new List<int>();
        foreach (var entry in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : (JsonElement[])[value])
        {
            if (entry.ValueKind != JsonValueKind.Null)
            {
                ids.Add(entry.ValueKind == JsonValueKind.Number && entry.TryGetInt32(out var id) && (uint)id < (uint)tokenizer.VocabularySize
                    ? id
                    : throw new ModelFormatException($"'{path}': eos_token_id {entry.GetRawText()} is not a token of this vocabulary. Correct it.") { File = path, Field = "eos_token_id" });
            }
        }

        return ids;
    }

    /// <exception cref="ModelFormatException">Not a JSON object.</exception>
    public static JsonDocument Parse(string path)
    {
        try
        {
            var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new JsonException("It is not a JSON object.");
        }
        catch (JsonException error)
        {
            throw new ModelFormatException($"'{path}' is not valid: {error.Message} Restore the file from its source.", error) { File = path };
        }
    }
}
