using System.Runtime.InteropServices;

namespace Parley.Models;

/// <summary>Reads one typed metadata value at a cursor. An array costs memory in proportion to its bytes in the file.</summary>
internal static class GgufValueReader
{
    private const int MaximumDepth = 4;

    public static GgufValue Read(GgufCursor cursor, string key)
    {
        var type = (GgufType)cursor.UInt32(key);
        return type == GgufType.Array ? ReadArray(cursor, key, 1) : GgufValue.Scalar(type, ReadScalar(cursor, type, key));
    }

    private static object ReadScalar(GgufCursor cursor, GgufType type, string key) => type switch
    {
        GgufType.String => cursor.Text(key),
        GgufType.Bool => ReadFlag(cursor.Take(1, key)[0], cursor, key),
        GgufType.UInt8 => Numbers<byte>(cursor, 1, key)[0],
        GgufType.Int8 => Numbers<sbyte>(cursor, 1, key)[0],
        GgufType.UInt16 => Numbers<ushort>(cursor, 1, key)[0],
        GgufType.Int16 => Numbers<short>(cursor, 1, key)[0],
        GgufType.UInt32 => Numbers<uint>(cursor, 1, key)[0],
        GgufType.Int32 => Numbers<int>(cursor, 1, key)[0],
        GgufType.Float32 => Numbers<float>(cursor, 1, key)[0],
        GgufType.UInt64 => Numbers<ulong>(cursor, 1, key)[0],
        GgufType.Int64 => Numbers<long>(cursor, 1, key)[0],
        GgufType.Float64 => Numbers<double>(cursor, 1, key)[0],
        _ => throw Unknown(cursor, type, key),
    };

    private static GgufValue ReadArray(GgufCursor cursor, string key, int depth)
    {
        var type = (GgufType)cursor.UInt32(key);
        var count = cursor.Count(LeastBytes(cursor, type, key), key);
        return GgufValue.Array(type, type switch
        {
            GgufType.String => ReadTexts(cursor, count, key),
            GgufType.Bool => ReadFlags(cursor, count, key),
            GgufType.Array => ReadNested(cursor, count, key, depth),
            GgufType.UInt8 => Numbers<byte>(cursor, count, key),
            GgufType.Int8 => Numbers<sbyte>(cursor, count, key),
            GgufType.UInt16 => Numbers<ushort>(cursor, count, key),
            GgufType.Int16 => Numbers<short>(cursor, count, key),
            GgufType.UInt32 => Numbers<uint>(cursor, count, key),
            GgufType.Int32 => Numbers<int>(cursor, count, key),
            GgufType.Float32 => Numbers<float>(cursor, count, key),
            GgufType.UInt64 => Numbers<ulong>(cursor, count, key),
            GgufType.Int64 => Numbers<long>(cursor, count, key),
            _ => Numbers<double>(cursor, count, key),
        });
    }

    // Also the gate for unknown types: nothing of an unknown size is counted or read.
    private static int LeastBytes(GgufCursor cursor, GgufType type, string key) => type switch
    {
        GgufType.UInt8 or GgufType.Int8 or GgufType.Bool => 1,
        GgufType.UInt16 or GgufType.Int16 => 2,
        GgufType.UInt32 or GgufType.Int32 or GgufType.Float32 => 4,
        GgufType.UInt64 or GgufType.Int64 or GgufType.Float64 or GgufType.String => 8,
        GgufType.Array => 12,
        _ => throw Unknown(cursor, type, key),
    };

    private static T[] Numbers<T>(GgufCursor cursor, int count, string key)
        where T : unmanaged
    {
        var bytes = checked(count * Marshal.SizeOf<T>());
        return MemoryMarshal.Cast<byte, T>(cursor.Take(bytes, key)).ToArray();
    }

    private static string[] ReadTexts(GgufCursor cursor, int count, string key)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = cursor.Text(key);
        }

        return texts;
    }

    private static bool[] ReadFlags(GgufCursor cursor, int count, string key)
    {
        var flags = new bool[count];
        var bytes = cursor.Take(count, key);
        for (var i = 0; i < count; i++)
        {
            flags[i] = ReadFlag(bytes[i], cursor, key);
        }

        return flags;
    }

    private static GgufValue[] ReadNested(GgufCursor cursor, int count, string key, int depth)
    {
        if (depth == MaximumDepth)
        {
            throw cursor.Error(key, $"nests arrays more than {MaximumDepth} deep. Convert the model again.");
        }

        var values = new GgufValue[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = ReadArray(cursor, key, depth + 1);
        }

        return values;
    }

    private static bool ReadFlag(byte value, GgufCursor cursor, string key) =>
        value <= 1 ? value == 1 : throw cursor.Error(key, $"has a bool of value {value}; it must be 0 or 1. The file is damaged; download it again.");

    private static ModelFormatException Unknown(GgufCursor cursor, GgufType type, string key) =>
        cursor.Error(key, $"has the unknown value type {(uint)type}. The file is damaged or newer than this reader; download or convert it again.");
}
