using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Rounds 32 floats to int8 and a scale, the same bits by scalars and by vectors. The largest size is found among the bit patterns, where NaN
/// is larger than everything: a block with NaN or infinity gets the scale NaN, so that the damage stays visible in the products.
/// </summary>
internal static unsafe class BlockRounding
{
    private const float Shift = LanesMath.RoundingShift;
    private const int Length = R16Matrix.BlockLength;

    /// <summary>The definition.</summary>
    /// <param name="q">32 rounded numbers.</param>
    /// <param name="low">The sum of the first 16.</param>
    /// <param name="high">The sum of the others.</param>
    /// <returns>The scale.</returns>
    public static float Scalar(float* x, sbyte* q, out int low, out int high)
    {
        int largest = 0;
        for (int i = 0; i < Length; i++)
        {
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(x[i]) & int.MaxValue);
        }

        (float scale, float inverse) = Scales(largest);
        (low, high) = (0, 0);
        for (int i = 0; i < Length; i++)
        {
            q[i] = (sbyte)(BitConverter.SingleToInt32Bits(x[i] * inverse + Shift) - BitConverter.SingleToInt32Bits(Shift));
            low += i < Length / 2 ? q[i] : 0;
            high += i < Length / 2 ? 0 : q[i];
        }

        return scale;
    }

    /// <inheritdoc cref="Scalar"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Vector(float* x, sbyte* q, out int low, out int high)
    {
        if (Avx512F.IsSupported)
        {
            return Wide(x, q, out low, out high);
        }

        Vector256<float> x0 = Vector256.Load(x), x1 = Vector256.Load(x + 8), x2 = Vector256.Load(x + 16), x3 = Vector256.Load(x + 24);
        Vector256<int> size = Vector256.Create(int.MaxValue);
        Vector256<int> largest = Vector256.Max(
            Vector256.Max(x0.AsInt32() & size, x1.AsInt32() & size), Vector256.Max(x2.AsInt32() & size, x3.AsInt32() & size));

        // The lowest byte of a shifted float is the rounded number; no addition carries out of it.
        (float scale, float inverse) = Scales(Largest(largest));
        Vector256<float> factor = Vector256.Create(inverse), shift = Vector256.Create(Shift);
        Vector256<int> q0 = (x0 * factor + shift).AsInt32(), q1 = (x1 * factor + shift).AsInt32();
        Vector256<int> q2 = (x2 * factor + shift).AsInt32(), q3 = (x3 * factor + shift).AsInt32();
        Vector256<sbyte> bytes = Vector256.Narrow(Vector256.Narrow(q0, q1), Vector256.Narrow(q2, q3));
        bytes.Store(q);
        (low, high) = Sums(bytes);
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Wide(float* x, sbyte* q, out int low, out int high)
    {
        Vector512<float> x0 = Vector512.Load(x), x1 = Vector512.Load(x + 16);
        Vector512<int> size = Vector512.Create(int.MaxValue), largest = Vector512.Max(x0.AsInt32() & size, x1.AsInt32() & size);
        (float scale, float inverse) = Scales(Largest(Vector256.Max(largest.GetLower(), largest.GetUpper())));
        Vector512<float> factor = Vector512.Create(inverse), shift = Vector512.Create(Shift);
        Vector128<sbyte> q0 = Avx512F.ConvertToVector128SByte((x0 * factor + shift).AsInt32());
        Vector128<sbyte> q1 = Avx512F.ConvertToVector128SByte((x1 * factor + shift).AsInt32());
        Vector256<sbyte> bytes = Vector256.Create(q0, q1);
        bytes.Store(q);
        (low, high) = Sums(bytes);
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector256<int> eight)
    {
        Vector128<int> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>What rounding left: remainder = x - q * scale, with one rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Remainder(float* x, sbyte* q, float scale, float* remainder)
    {
        for (int i = 0; i < Length; i++)
        {
            remainder[i] = MathF.FusedMultiplyAdd(-q[i], scale, x[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int Low, int High) Sums(Vector256<sbyte> bytes)
    {
        if (Avx2.IsSupported)
        {
            // Distances to 0 of the numbers raised by 128, eight at a time.
            Vector256<byte> raised = bytes.AsByte() ^ Vector256.Create((byte)128);
            Vector256<long> sums = Avx2.SumAbsoluteDifferences(raised, Vector256<byte>.Zero).AsInt64();
            Vector128<long> low = sums.GetLower(), high = sums.GetUpper();
            Vector128<long> both = Vector128.Add(Sse2.UnpackLow(low, high), Sse2.UnpackHigh(low, high));
            return ((int)both.ToScalar() - 16 * 128, (int)both.GetElement(1) - 16 * 128);
        }

        (Vector256<short> first, Vector256<short> second) = Vector256.Widen(bytes);
        return (Vector256.Sum(first), Vector256.Sum(second));
    }

    // A block below 2^-100, whose inverse could overflow, rounds to zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Scale, float Inverse) Scales(int largest)
    {
        const int Least = (127 - 100) << 23, Infinity = 0x7F800000;
        float size = BitConverter.Int32BitsToSingle(largest);
        return largest >= Infinity ? (float.NaN, 0) : (size / 127, largest < Least ? 0 : 127 / size);
    }
}
