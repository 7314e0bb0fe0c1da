using System.Text.Json;

namespace Parley.Text;

/// <summary>
/// A tokenizer.json without the added tokens that a model has no rows for: Gemma 3's file is shared by its sizes, and only those that see
/// images have a row for &lt;image_soft_token&gt;. What is left is a file of its own, so that hash and saved copy are of what is used.
/// </summary>
internal static class AddedTokenTrim
{
    private const string Added = "added_tokens";

    /// <summary>What is left; null where nothing is to be left out.</summary>
    /// <param name="rows">Added tokens with ids from here on go, unless the model's own vocabulary has them.</param>
    /// <param name="root">A tokenizer.json.</param>
    public static byte[]? Within(int rows, JsonPart root) =>
        JsonVocabulary.AddedBeyond(root, rows) is { Count: > 0 } dropped ? Write(root.Element, dropped) : null;

    private static byte[] Write(JsonElement root, HashSet<int> dropped)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var member in root.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.NameEquals(Added))
                    WriteKept(writer, member.Value, dropped);
                else
                    member.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteKept(Utf8JsonWriter writer, JsonElement tokens, HashSet<int> dropped)
    {
        writer.WriteStartArray();
        foreach (var (at, token) in tokens.EnumerateArray().Index())
        {
            if (!dropped.Contains(at))
                token.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
