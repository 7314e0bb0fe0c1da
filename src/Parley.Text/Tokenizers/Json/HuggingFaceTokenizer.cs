using System.Text.Json;

namespace Parley.Text;

/// <summary>
/// The tokenizer of a Hugging Face model folder and the ids that end and begin its texts: tokenizer.json, and, where they are
/// there, tokenizer_config.json, special_tokens_map.json, generation_config.json and config.json.
/// </summary>
/// <param name="Tokenizer">Of tokenizer.json.</param>
/// <param name="EndIds">What ends an answer: eos_token_id of the generation's and the model's configuration, and the tokenizer's eos_token.</param>
/// <param name="BeginId">The tokenizer's bos_token, or the model's bos_token_id.</param>
public sealed record HuggingFaceTokenizer(Tokenizer Tokenizer, IReadOnlyList<int> EndIds, int? BeginId)
{
    private const string TokenizerFile = "tokenizer.json";

    /// <param name="folder">The model's folder.</param>
    /// <param name="rows">Rows of the model's embedding table: added tokens behind them are left out, and their names are ordinary text.</param>
    /// <exception cref="InvalidDataException">A file is missing, damaged or of a kind that is not supported; names file and field.</exception>
    public static HuggingFaceTokenizer Read(string folder, int rows = int.MaxValue)
    {
        var path = Path.Combine(folder, TokenizerFile);
        if (!File.Exists(path))
            throw new InvalidDataException($"'{path}' is missing; download the model's {TokenizerFile} into the folder (a tokenizer.model alone is not read).");

        var config = Named(folder, "tokenizer_config.json", TokenizerConfig.Read) ?? new();
        var tokenizer = Named(path, () => TokenizerJson.Read(File.ReadAllBytes(path), config, rows));
        var ends = new List<int>();
        int? begin = null;
        foreach (var file in (string[])["generation_config.json", "config.json"])
        {
            ends.AddRange(Named(folder, file, root => Numbers(root, "eos_token_id")) ?? []);
            begin ??= Named(folder, file, root => Numbers(root, "bos_token_id"))?.Cast<int?>().FirstOrDefault();
        }

        var map = Named(folder, "special_tokens_map.json", root => (Begin: TokenizerConfig.TokenText(root, "bos_token"), End: TokenizerConfig.TokenText(root, "eos_token")));
        if (Id(tokenizer, config.End ?? map.End) is { } end)
            ends.Add(end);
        return new(tokenizer, [.. ends.Distinct()], Id(tokenizer, config.Begin ?? map.Begin) ?? begin);
    }

    private static int? Id(Tokenizer tokenizer, string? text) => text is not null && tokenizer.Special.TryGet(text, out var id) ? id : null;

    private static int[] Numbers(JsonPart root, string name) =>
        !root.TryGet(name, out var part) ? [] : part.Element.ValueKind == JsonValueKind.Array ? [.. part.Items().Select(id => id.AsInteger())] : [part.AsInteger()];

    private static T? Named<T>(string folder, string file, Func<JsonPart, T> read)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
            return default;
        return Named(path, () =>
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(new JsonPart(document.RootElement, ""));
        });
    }

    private static T Named<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or InvalidOperationException) // the last: strings that are not UTF-8
        {
            throw new InvalidDataException($"'{path}': {ReadableLine.Of(error.Message).TrimEnd('.')}.", error);
        }
    }
}
