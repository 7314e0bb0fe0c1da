using Parley.Tensors;

namespace Parley.Models;

/// <summary>Reads and checks the description of one tensor in a GGUF file; knows nothing of the other tensors.</summary>
internal static class GgufTensorReader
{
    /// <summary>The next description; its offset still counts from the start of the data.</summary>
    public static GgufTensorInfo Read(GgufCursor cursor)
    {
        var name = cursor.Text("tensor name");
        var rank = cursor.UInt32(name);
        if (rank is 0 or > TensorShapes.MaximumRank)
        {
            throw cursor.Error(name, $"has {rank} dimensions; 1 to {TensorShapes.MaximumRank} are possible. The file is damaged; download it again.");
        }

        Span<int> extents = stackalloc int[(int)rank];
        for (var axis = (int)rank - 1; axis >= 0; axis--) // the file lists the innermost first
        {
            var extent = cursor.UInt64(name);
            extents[axis] = extent is > 0 and <= int.MaxValue
                ? (int)extent
                : throw cursor.Error(name, $"has a dimension of {extent}; 1 to {int.MaxValue} are possible. The file is damaged; download it again.");
        }

        var type = (GgmlType)cursor.UInt32(name);
        var bytes = Bytes(cursor, name, extents, type);
        var offset = cursor.UInt64(name);
        return offset <= long.MaxValue
            ? new GgufTensorInfo(name, TensorShapes.From(extents), type, (long)offset, bytes)
            : throw cursor.Error(name, $"has the offset {offset}. The file is damaged; download it again.");
    }

    /// <summary>The same tensor with its place in the file, which must be aligned and inside it.</summary>
    public static GgufTensorInfo Place(GgufTensorInfo info, long start, int alignment, GgufCursor cursor)
    {
        if (info.Offset % alignment != 0)
        {
            throw ModelFormatException.At(cursor.Path, info.Name, start, $"the offset {info.Offset} is no multiple of {alignment}. Convert the model again.");
        }

        if (start > cursor.Length || info.Offset > cursor.Length - start || info.ByteCount > cursor.Length - start - info.Offset)
        {
            throw ModelFormatException.At(
                cursor.Path,
                info.Name,
                start,
                $"needs {info.ByteCount} bytes at data offset {info.Offset}, but the file has {cursor.Length} bytes. It is truncated; copy or download it again.");
        }

        return info with { Offset = start + info.Offset };
    }

    private static long Bytes(GgufCursor cursor, string name, ReadOnlySpan<int> extents, GgmlType type)
    {
        var (elements, bytes) = type.Block()
            ?? throw cursor.Error(name, $"has the unknown type {(uint)type}. The file is damaged or newer than this reader; convert it again.");
        if (extents[^1] % elements != 0)
        {
            throw cursor.Error(name, $"has rows of {extents[^1]} elements, no multiple of the {elements} in a block of {type}. The file is damaged; download it again.");
        }

        // The product stays below 2^63 because the sizes of real files do: stop as soon as it passes the file's length.
        var total = (long)(extents[^1] / elements) * bytes;
        foreach (var extent in extents[..^1])
        {
            if (total > cursor.Length / extent)
            {
                throw cursor.Error(name, $"is larger than the whole file of {cursor.Length} bytes. It is truncated or damaged; download it again.");
            }

            total *= extent;
        }

        return total;
    }
}
