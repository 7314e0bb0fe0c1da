using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Text;

/// <summary>
/// Hugging Face tokenizer.json, byte-level BPE only, to and from a <see cref="BpeVocabulary"/>. Format: the serialisation
/// of huggingface/tokenizers 0.15 and later (merges as "a b" or as pairs). Every added token is taken as a control token.
/// </summary>
internal static class TokenizerJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static BpeVocabulary Read(ReadOnlySpan<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.ToArray());
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"this is not a tokenizer.json that can be read ({error.Message}); export it again.", error);
        }
    }

    public static byte[] Write(BpeVocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            WriteAddedTokens(writer, vocabulary.Special);
            writer.WriteNull("normalizer");
            WritePreTokenizer(writer, vocabulary.Pattern);
            writer.WriteNull("post_processor");
            writer.WriteStartObject("decoder");
            WriteByteLevel(writer);
            writer.WriteEndObject();
            WriteModel(writer, vocabulary);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static (string Left, string Right) ParseMerge(string merge)
    {
        var space = merge.IndexOf(' ');
        return space > 0 && space < merge.Length - 1
            ? (merge[..space], merge[(space + 1)..])
            : throw new InvalidDataException($"the merge '{merge}' is not two tokens with a space between them");
    }

    private static BpeVocabulary Read(JsonElement root)
    {
        var model = root.GetProperty("model");
        if (model.TryGetProperty("type", out var type) && type.GetString() != "BPE")
            throw new InvalidDataException($"the model type '{type.GetString()}' is not supported; only byte-level BPE is.");
        if (root.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind == JsonValueKind.Object)
            RefuseNormalizer(normalizer);

        var special = new Dictionary<string, int>(StringComparer.Ordinal);
        if (root.TryGetProperty("added_tokens", out var added) && added.ValueKind == JsonValueKind.Array)
        {
            foreach (var token in added.EnumerateArray())
                special[token.GetProperty("content").GetString()!] = token.GetProperty("id").GetInt32();
        }

        var ignoreMerges = model.TryGetProperty("ignore_merges", out var ignore) && ignore.ValueKind == JsonValueKind.True;
        return new BpeVocabulary(ReadTokens(model, special), ReadMerges(model), special, ReadPattern(root), ignoreMerges);
    }

    // NFC on already composed text changes nothing, and llama.cpp leaves it out too; any other normalizer would change ids.
    private static void RefuseNormalizer(JsonElement normalizer)
    {
        if (normalizer.GetProperty("type").GetString() is var type && type != "NFC")
            throw new InvalidDataException($"the normalizer '{type}' is not supported; only byte-level BPE without one is.");
    }

    private static string[] ReadTokens(JsonElement model, Dictionary<string, int> special)
    {
        var byId = new SortedDictionary<int, string>();
        foreach (var entry in model.GetProperty("vocab").EnumerateObject())
            byId[entry.Value.GetInt32()] = entry.Name;
        foreach (var (text, id) in special)
            byId[id] = text;

        var expected = 0;
        foreach (var id in byId.Keys)
        {
            if (id != expected++)
                throw new InvalidDataException($"the vocabulary has no token with id {expected - 1}");
        }

        return [.. byId.Values];
    }

    private static (string, string)[] ReadMerges(JsonElement model) =>
    [
        .. model.GetProperty("merges").EnumerateArray().Select(merge => merge.ValueKind == JsonValueKind.Array
            ? (merge[0].GetString()!, merge[1].GetString()!)
            : ParseMerge(merge.GetString()!)),
    ];

    private static SplitPattern ReadPattern(JsonElement root)
    {
        var preTokenizer = root.GetProperty("pre_tokenizer");
        var steps = preTokenizer.GetProperty("type").GetString() == "Sequence"
            ? preTokenizer.GetProperty("pretokenizers").EnumerateArray().ToArray()
            : [preTokenizer];
        var splits = steps.Where(step => step.GetProperty("type").GetString() == "Split").ToArray();
        var byteLevel = steps.LastOrDefault(step => step.GetProperty("type").GetString() == "ByteLevel");
        if (byteLevel.ValueKind == JsonValueKind.Undefined || splits.Length + 1 != steps.Length || splits.Length > 1)
            throw new InvalidDataException("the pre_tokenizer is not one Split followed by ByteLevel, so this is not a supported byte-level BPE.");
        return splits.Length == 0
            ? SplitPattern.Gpt2
            : SplitPattern.FromText(splits[0].GetProperty("pattern").GetProperty("Regex").GetString()!);
    }

    private static void WriteAddedTokens(Utf8JsonWriter writer, SpecialTokens special)
    {
        writer.WriteStartArray("added_tokens");
        foreach (var (text, id) in special.All)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", id);
            writer.WriteString("content", text);
            foreach (var name in (string[])["single_word", "lstrip", "rstrip", "normalized"])
                writer.WriteBoolean(name, false);
            writer.WriteBoolean("special", true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter writer, SplitPattern pattern)
    {
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WriteStartObject("pattern");
        writer.WriteString("Regex", pattern.Text);
        writer.WriteEndObject();
        writer.WriteString("behavior", "Isolated");
        writer.WriteBoolean("invert", false);
        writer.WriteEndObject();
        writer.WriteStartObject();
        WriteByteLevel(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("trim_offsets", false);
        writer.WriteBoolean("use_regex", false);
    }

    private static void WriteModel(Utf8JsonWriter writer, BpeVocabulary vocabulary)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        foreach (var name in (string[])["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            writer.WriteNull(name);
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", vocabulary.IgnoreMerges);
        writer.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Tokens.Count; id++)
        {
            if (!vocabulary.Special.IsSpecial(id))
                writer.WriteNumber(vocabulary.Tokens[id], id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var (left, right) in vocabulary.Merges)
            writer.WriteStringValue($"{left} {right}");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
