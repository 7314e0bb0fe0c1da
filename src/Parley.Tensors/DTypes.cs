using System.Runtime.InteropServices;
using Parley.Tensors.Quantization;

namespace Parley.Tensors;

/// <summary>
/// Sizes and conversions of the storage types. Encoding to F16 and BF16 rounds to nearest even; the block types are
/// <see cref="BlockCodec"/>'s. Little-endian, as every file format here.
/// </summary>
public static class DTypes
{
    /// <summary>How many elements one block holds: 1 for plain numbers. A row must be a whole number of blocks.</summary>
    public static int BlockLength(DType type) => type switch
    {
        DType.F32 or DType.F16 or DType.BF16 => 1,
        DType.Q8_0 or DType.Q4_0 or DType.Q4_1 or DType.Q5_0 or DType.Q5_1 => 32,
        DType.Q4_K or DType.Q5_K or DType.Q6_K => 256,
        _ => throw Unknown(type),
    };

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(DType type) => type switch
    {
        DType.F32 => 4,
        DType.F16 or DType.BF16 => 2,
        DType.Q8_0 => 34,
        DType.Q4_0 => 18,
        DType.Q4_1 => 20,
        DType.Q5_0 => 22,
        DType.Q5_1 => 24,
        DType.Q4_K => 144,
        DType.Q5_K => 176,
        DType.Q6_K => 210,
        _ => throw Unknown(type),
    };

    /// <summary>True for types that store blocks of small integers with shared scales.</summary>
    public static bool IsQuantized(DType type) => BlockLength(type) > 1;

    /// <summary>Bytes that <paramref name="elements"/> elements take.</summary>
    /// <exception cref="ArgumentException">No whole number of blocks.</exception>
    public static long ByteCount(DType type, long elements)
    {
        int length = BlockLength(type);
        return elements % length == 0
            ? elements / length * BlockBytes(type)
            : throw new ArgumentException($"{type} stores blocks of {length} weights; {elements} is not a multiple.", nameof(elements));
    }

    /// <summary>Converts floats to <paramref name="type"/>; <paramref name="target"/> holds exactly their bytes.</summary>
    public static void Encode(DType type, ReadOnlySpan<float> source, Span<byte> target)
    {
        RequireLength(type, source.Length, target.Length);
        switch (type)
        {
            case DType.F32: MemoryMarshal.AsBytes(source).CopyTo(target); break;
            case DType.F16: EncodeHalf(source, MemoryMarshal.Cast<byte, Half>(target)); break;
            case DType.BF16: EncodeBFloat16(source, MemoryMarshal.Cast<byte, ushort>(target)); break;
            default: BlockCodec.Encode(type, source, target); break;
        }
    }

    /// <summary>Converts bytes of <paramref name="type"/> back to floats.</summary>
    public static void Decode(DType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        RequireLength(type, target.Length, source.Length);
        switch (type)
        {
            case DType.F32: source.CopyTo(MemoryMarshal.AsBytes(target)); break;
            case DType.F16: DecodeHalf(MemoryMarshal.Cast<byte, Half>(source), target); break;
            case DType.BF16: DecodeBFloat16(MemoryMarshal.Cast<byte, ushort>(source), target); break;
            default: BlockCodec.Decode(type, source, target); break;
        }
    }

    private static ArgumentOutOfRangeException Unknown(DType type) => new(nameof(type), type, "Unknown storage type.");

    private static void RequireLength(DType type, int elements, int bytes)
    {
        long expected = ByteCount(type, elements);
        if (expected != bytes)
        {
            throw new ArgumentException($"{elements} elements of {type} take {expected} bytes, not {bytes}.");
        }
    }

    private static void EncodeHalf(ReadOnlySpan<float> source, Span<Half> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (Half)source[i];
        }
    }

    private static void DecodeHalf(ReadOnlySpan<Half> source, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (float)source[i];
        }
    }

    private static void EncodeBFloat16(ReadOnlySpan<float> source, Span<ushort> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(source[i]);
            // A NaN must stay one: rounding could carry it into infinity, so set a quiet bit instead.
            target[i] = float.IsNaN(source[i])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static void DecodeBFloat16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
        }
    }
}
