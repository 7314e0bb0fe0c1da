using System.Text.Encodings.Web;
using System.Text.Json;

namespace Parley.Corpus.Pipelines;

/// <summary>Documents and dialogues as single JSON lines; a dialogue in OpenAI's fine-tuning shape, with its past beside the messages.</summary>
internal static class CorpusJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlySpan<byte> Write(Document document) => Write(writer =>
    {
        writer.WriteString("id", document.Id);
        foreach (var (name, value) in document.Metadata.OrderBy(field => field.Key, StringComparer.Ordinal))
            writer.WriteString(name, value);
        writer.WriteString("text", document.Text);
        WritePast(writer, document.Source, document.Licence);
    });

    public static ReadOnlySpan<byte> Write(Dialogue dialogue) => Write(writer =>
    {
        writer.WriteStartArray("messages");
        foreach (var message in dialogue.Messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role", message.Role);
            writer.WriteString("content", message.Content);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("id", dialogue.Id);
        WritePast(writer, dialogue.Source, dialogue.Licence);
    });

    private static void WritePast(Utf8JsonWriter writer, string source, string licence)
    {
        writer.WriteString("license", licence);
        writer.WriteString("source", source);
    }

    private static ReadOnlySpan<byte> Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        fields(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan;
    }
}
