using System.Buffers.Binary;
using System.Text;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Walks forward through a mapped GGUF file, little-endian. Every read is checked against the bytes that are left before
/// anything is allocated, and a failure names file, field and offset.
/// </summary>
internal sealed class GgufCursor(MappedFile file)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Path => file.Path;

    public long Length => file.Length;

    public long Position { get; private set; }

    public long Remaining => file.Length - Position;

    public uint UInt32(string field) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, field));

    public ulong UInt64(string field) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, field));

    /// <summary>A count of things that take at least <paramref name="leastBytes"/> each, so it can be no larger than the file warrants.</summary>
    public int Count(int leastBytes, string field)
    {
        var at = Position;
        var count = UInt64(field);
        if (count > (ulong)(Remaining / leastBytes) || count > int.MaxValue)
        {
            throw ModelFormatException.At(
                Path, field, at, $"counts {count} entries, but only {Remaining} bytes are left. The file is truncated or damaged; download it again.");
        }

        return (int)count;
    }

    public string Text(string field)
    {
        var length = Count(1, field);
        var at = Position;
        try
        {
            return StrictUtf8.GetString(Take(length, field));
        }
        catch (DecoderFallbackException error)
        {
            throw ModelFormatException.At(Path, field, at, "holds a string that is not UTF-8. The file is damaged; download it again.", error);
        }
    }

    /// <summary>Raw bytes, valid while the file stays mapped.</summary>
    public ReadOnlySpan<byte> Take(int count, string field)
    {
        if (count > Remaining)
        {
            throw ModelFormatException.At(
                Path, field, Position, $"the file ends after {Remaining} of {count} bytes. It is truncated; copy or download it again.");
        }

        var bytes = file.Slice(Position, count);
        Position += count;
        return bytes;
    }

    public ModelFormatException Error(string field, string problem) => ModelFormatException.At(Path, field, Position, problem);
}
