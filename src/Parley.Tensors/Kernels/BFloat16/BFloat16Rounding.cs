using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Rounds F32 rows to BF16, to nearest even; a NaN stays one. Whole numbers all the way, so the vectors used here show in no result.
/// </summary>
internal static unsafe class BFloat16Rounding
{
    /// <summary>Packs a row into pairs: element 2p in the lower half of pair p. An odd count ends in a zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Pack(float* source, int count, uint* pairs)
    {
        int k = 0;
        for (; k + 32 <= count; k += 32)
        {
            Vector512<uint> low = Round(Vector512.Load(source + k)) >>> 16;
            Vector512<uint> high = Round(Vector512.Load(source + k + 16)) >>> 16;
            Vector512.Narrow(low, high).Store((ushort*)pairs + k);
        }

        for (; k < count; k++)
        {
            ((ushort*)pairs)[k] = (ushort)(Round(source[k]) >> 16);
        }

        if (count % 2 != 0)
        {
            ((ushort*)pairs)[count] = 0;
        }
    }

    /// <summary>The rounded values as F32, the two of each pair swapped: the order in which they are multiplied.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Swap(float* source, int count, float* target)
    {
        int k = 0;
        for (; k + 16 <= count; k += 16)
        {
            Vector512<ulong> pairs = Round(Vector512.Load(source + k)).AsUInt64();
            (pairs << 32 | pairs >>> 32).AsSingle().Store(target + k);
        }

        for (; k < count; k += 2)
        {
            target[k] = k + 1 < count ? BitConverter.UInt32BitsToSingle(Round(source[k + 1])) : 0;
            target[k + 1] = BitConverter.UInt32BitsToSingle(Round(source[k]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + (bits >>> 16 & Vector512.Create(1u));
        Vector512<uint> quiet = bits | Vector512.Create(0x400000u); // rounding could carry a NaN into infinity
        return Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, quiet) & Vector512.Create(0xFFFF0000u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Round(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> rounded = bits + Vector256.Create(0x7FFFu) + (bits >>> 16 & Vector256.Create(1u));
        Vector256<uint> quiet = bits | Vector256.Create(0x400000u);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, quiet) & Vector256.Create(0xFFFF0000u);
    }

    /// <summary>Sixteen floats as eight pairs, the even one in the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Pairs(Vector512<float> value)
    {
        Vector512<ulong> rounded = Round(value).AsUInt64();
        Vector512<ulong> pairs = rounded >>> 16 & Vector512.Create(0xFFFFul) | rounded >>> 32;
        return Vector256.Narrow(pairs.GetLower(), pairs.GetUpper());
    }

    internal static uint Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (float.IsNaN(value) ? bits | 0x400000 : bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
    }
}
