using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes tensors as one safetensors stream. Equal tensors give equal bytes: larger elements first, then by name, as the
/// reference implementation orders them; the header is padded with blanks so that the data begins on 64 bytes.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 64;

    /// <summary>Writes header and data; <paramref name="stream"/> may be any writable stream.</summary>
    /// <exception cref="ModelFormatException">A tensor's type has no name in the format (Q8_0).</exception>
    public static void Write(Stream stream, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var sizes = tensors.ToDictionary(pair => pair.Key, pair => ElementBytes(pair.Key, pair.Value.DType), StringComparer.Ordinal);
        var ordered = tensors.OrderByDescending(pair => sizes[pair.Key]).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[SafetensorsHeader.LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, tensor) in ordered)
        {
            foreach (var piece in tensor.Pieces())
            {
                stream.Write(piece.Bytes);
            }
        }
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                WriteMetadata(json, metadata);
            }

            var offset = 0L;
            foreach (var (name, tensor) in tensors)
            {
                WriteEntry(json, name, tensor, offset);
                offset += tensor.ByteCount;
            }

            json.WriteEndObject();
        }

        var written = buffer.WrittenCount + SafetensorsHeader.LengthBytes;
        var padding = (Alignment - (written % Alignment)) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long offset)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", tensor.DType.ToString());
        json.WriteStartArray("shape");
        for (var axis = 0; axis < tensor.Shape.Rank; axis++)
        {
            json.WriteNumberValue(tensor.Shape[axis]);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + tensor.ByteCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int ElementBytes(string name, DType type) => type switch
    {
        DType.F32 => 4,
        DType.F16 or DType.BF16 => 2,
        _ => throw new ModelFormatException($"The tensor '{name}' is stored as {type}, which safetensors has no name for; export the model as GGUF.") { Field = name },
    };
}
