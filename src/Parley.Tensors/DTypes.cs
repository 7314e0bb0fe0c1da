using System.Runtime.InteropServices;

namespace Parley.Tensors;

/// <summary>
/// Sizes and conversions of the storage types. Encoding rounds to nearest even; Q8_0 follows ggml's
/// <c>quantize_row_q8_0_ref</c> (scale = max |x| / 127 kept as F16, values rounded half away from zero).
/// Little-endian, as every file format here.
/// </summary>
public static class DTypes
{
    /// <summary>How many weights one Q8_0 block holds.</summary>
    public const int BlockLength = 32;

    private const int BlockBytes = 34;

    /// <summary>Bytes that <paramref name="elements"/> elements take.</summary>
    /// <exception cref="ArgumentException">Q8_0 and not a multiple of 32.</exception>
    public static long ByteCount(DType type, long elements) => type switch
    {
        DType.F32 => elements * 4,
        DType.F16 or DType.BF16 => elements * 2,
        DType.Q8_0 when elements % BlockLength == 0 => elements / BlockLength * BlockBytes,
        DType.Q8_0 => throw new ArgumentException($"Q8_0 stores blocks of {BlockLength} weights; {elements} is not a multiple.", nameof(elements)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown storage type."),
    };

    /// <summary>Converts floats to <paramref name="type"/>; <paramref name="target"/> holds exactly their bytes.</summary>
    public static void Encode(DType type, ReadOnlySpan<float> source, Span<byte> target)
    {
        RequireLength(type, source.Length, target.Length);
        switch (type)
        {
            case DType.F32: MemoryMarshal.AsBytes(source).CopyTo(target); break;
            case DType.F16: EncodeHalf(source, MemoryMarshal.Cast<byte, Half>(target)); break;
            case DType.BF16: EncodeBFloat16(source, MemoryMarshal.Cast<byte, ushort>(target)); break;
            default: EncodeBlocks(source, target); break;
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
            default: DecodeBlocks(source, target); break;
        }
    }

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

    private static void EncodeBlocks(ReadOnlySpan<float> source, Span<byte> target)
    {
        for (; !source.IsEmpty; source = source[BlockLength..], target = target[BlockBytes..])
        {
            float largest = 0;
            for (int i = 0; i < BlockLength; i++)
            {
                largest = MathF.Max(largest, MathF.Abs(source[i]));
            }

            float scale = largest / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            MemoryMarshal.Write(target, (Half)scale);
            for (int i = 0; i < BlockLength; i++)
            {
                target[2 + i] = (byte)(sbyte)MathF.Round(source[i] * inverse, MidpointRounding.AwayFromZero);
            }
        }
    }

    private static void DecodeBlocks(ReadOnlySpan<byte> source, Span<float> target)
    {
        for (; !target.IsEmpty; source = source[BlockBytes..], target = target[BlockLength..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(source);
            for (int i = 0; i < BlockLength; i++)
            {
                target[i] = scale * (sbyte)source[2 + i];
            }
        }
    }
}
