using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Text;

/// <summary>Writes a byte-level BPE vocabulary as Hugging Face's tokenizer.json; equal vocabularies give equal bytes.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(BpeVocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            WriteAddedTokens(writer, vocabulary.Added);
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

    private static void WriteAddedTokens(Utf8JsonWriter writer, IReadOnlyList<AddedToken> added)
    {
        writer.WriteStartArray("added_tokens");
        foreach (var token in added.OrderBy(token => token.Id))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", token.Id);
            writer.WriteString("content", token.Text);
            writer.WriteBoolean("single_word", token.WholeWord);
            writer.WriteBoolean("lstrip", token.TrimsLeft);
            writer.WriteBoolean("rstrip", token.TrimsRight);
            writer.WriteBoolean("normalized", token.Late);
            writer.WriteBoolean("special", token.IsControl);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WritePreTokenizer(Utf8JsonWriter writer, SplitPattern pattern)
    {
        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        foreach (var step in pattern.Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Split");
            writer.WriteStartObject("pattern");
            writer.WriteString("Regex", step.Text);
            writer.WriteEndObject();
            writer.WriteString("behavior", "Isolated");
            writer.WriteBoolean("invert", false);
            writer.WriteEndObject();
        }

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
        var added = vocabulary.Added.Select(token => token.Id).ToHashSet();
        for (var id = 0; id < vocabulary.Tokens.Count; id++)
        {
            if (!added.Contains(id) && vocabulary.Tokens[id].Length > 0)
                writer.WriteNumber(vocabulary.Tokens[id], id);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach (var merge in vocabulary.Merges)
            writer.WriteStringValue(merge);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
