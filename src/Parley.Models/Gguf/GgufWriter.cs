using System.Buffers.Binary;
using System.Text;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes GGUF version 3, little-endian: header, metadata, tensor descriptions, then the data, each tensor on a multiple of
/// the alignment (32, or what <c>general.alignment</c> says). Metadata and tensors are kept in the order given.
/// </summary>
public static class GgufWriter
{
    private const uint Version = 3;

    /// <summary>Writes a file, which appears whole or not at all.</summary>
    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<GgufTensorSource> tensors) =>
        DurableFiles.Replace(path, stream => Write(stream, metadata, tensors));

    /// <summary>Writes a whole file to a stream that can tell its position.</summary>
    public static void Write(Stream stream, GgufMetadata metadata, IReadOnlyList<GgufTensorSource> tensors)
    {
        var alignment = metadata.Integer(GgufFile.AlignmentKey, GgufFile.DefaultAlignment);
        var start = stream.Position;
        WriteHeader(stream, metadata, tensors, alignment);
        Pad(stream, start, alignment);
        foreach (var tensor in tensors)
        {
            var before = stream.Position;
            tensor.Write(stream);
            var written = stream.Position - before;
            if (written != tensor.ByteCount)
            {
                throw new InvalidOperationException($"The tensor '{tensor.Name}' wrote {written} bytes where {tensor.ByteCount} belong.");
            }

            Pad(stream, start, alignment);
        }
    }

    private static void WriteHeader(Stream stream, GgufMetadata metadata, IReadOnlyList<GgufTensorSource> tensors, int alignment)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(GgufFile.Magic);
        writer.Write(Version);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach (var (key, value) in metadata)
        {
            WriteText(writer, key);
            writer.Write((uint)value.Type);
            WriteValue(writer, value);
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            WriteDescription(writer, tensor, offset);
            offset = (offset + tensor.ByteCount + alignment - 1) / alignment * alignment;
        }
    }

    private static void WriteDescription(BinaryWriter writer, GgufTensorSource tensor, long offset)
    {
        WriteText(writer, tensor.Name);
        writer.Write((uint)tensor.Shape.Rank);
        for (var axis = tensor.Shape.Rank - 1; axis >= 0; axis--) // innermost first
        {
            writer.Write((ulong)tensor.Shape[axis]);
        }

        writer.Write((uint)tensor.Type);
        writer.Write((ulong)offset);
    }

    private static void WriteValue(BinaryWriter writer, GgufValue value)
    {
        if (value.Type != GgufType.Array)
        {
            WriteScalar(writer, value.Content);
            return;
        }

        var elements = (Array)value.Content;
        writer.Write((uint)value.ElementType!.Value);
        writer.Write((ulong)elements.Length);
        foreach (var element in elements)
        {
            WriteScalar(writer, element);
        }
    }

    private static void WriteScalar(BinaryWriter writer, object content)
    {
        switch (content)
        {
            case byte number: writer.Write(number); break;
            case sbyte number: writer.Write(number); break;
            case ushort number: writer.Write(number); break;
            case short number: writer.Write(number); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case ulong number: writer.Write(number); break;
            case long number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            case bool flag: writer.Write((byte)(flag ? 1 : 0)); break;
            case string text: WriteText(writer, text); break;
            case GgufValue nested: WriteValue(writer, nested); break;
            default: throw new ArgumentException($"A {content.GetType()} has no place in GGUF metadata.", nameof(content));
        }
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(Stream stream, long start, int alignment)
    {
        Span<byte> zero = stackalloc byte[1];
        while ((stream.Position - start) % alignment != 0)
        {
            stream.Write(zero);
        }
    }
}
