using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Parley.Tensors.Quantization;

namespace Parley.Tensors.Kernels;

/// <summary>Takes 32 weights of a stored type apart; the layouts are described at the codecs of <see cref="Quantization"/>.</summary>
internal unsafe interface IR16Source
{
    static abstract DType Type { get; }

    /// <summary>Weights 32 * <paramref name="part"/> and on of a stored block.</summary>
    /// <param name="scale">Bits of the F16 scale.</param>
    /// <param name="second">Bits of the F16 addend, or of the scale of weights 16 to 31, where the format has one.</param>
    /// <returns>The unsigned numbers.</returns>
    static abstract Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second);
}

internal readonly unsafe struct R16FromQ8_0 : IR16Source
{
    public static DType Type => DType.Q8_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        (scale, second) = (*(ushort*)block, 0);
        return Vector256.Load(block + 2) ^ Vector256.Create((byte)128);
    }
}

internal readonly unsafe struct R16FromQ4_0 : IR16Source
{
    public static DType Type => DType.Q4_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        (scale, second) = (*(ushort*)block, 0);
        return Nibbles.Halves(block + 2);
    }
}

internal readonly unsafe struct R16FromQ4_1 : IR16Source
{
    public static DType Type => DType.Q4_1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        (scale, second) = (((ushort*)block)[0], ((ushort*)block)[1]);
        return Nibbles.Halves(block + 4);
    }
}

internal readonly unsafe struct R16FromQ5_0 : IR16Source
{
    public static DType Type => DType.Q5_0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        (scale, second) = (*(ushort*)block, 0);
        return Nibbles.Halves(block + 6) | Nibbles.Fifths(Unsafe.ReadUnaligned<uint>(block + 2));
    }
}

internal readonly unsafe struct R16FromQ5_1 : IR16Source
{
    public static DType Type => DType.Q5_1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        (scale, second) = (((ushort*)block)[0], ((ushort*)block)[1]);
        return Nibbles.Halves(block + 8) | Nibbles.Fifths(Unsafe.ReadUnaligned<uint>(block + 4));
    }
}

internal readonly unsafe struct R16FromQ4_K : IR16Source
{
    public static DType Type => DType.Q4_K;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        Vector256<byte> numbers = Nibbles.OfPair(block + 16, part);
        (scale, second) = Nibbles.SixBitPair(block, part, numbers);
        return numbers;
    }
}

internal readonly unsafe struct R16FromQ5_K : IR16Source
{
    public static DType Type => DType.Q5_K;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        Vector256<byte> fifths = Vector256.ShiftRightLogical(Vector256.Load(block + 16), part) & Vector256.Create((byte)1);
        Vector256<byte> numbers = Nibbles.OfPair(block + 48, part) | Vector256.ShiftLeft(fifths, 4);
        (scale, second) = Nibbles.SixBitPair(block, part, numbers);
        return numbers;
    }
}

internal readonly unsafe struct R16FromQ6_K : IR16Source
{
    public static DType Type => DType.Q6_K;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Read(byte* block, int part, out ushort scale, out ushort second)
    {
        float unit = (float)*(Half*)(block + 208);
        sbyte* steps = (sbyte*)block + 192 + part * 2;
        scale = BitConverter.HalfToUInt16Bits((Half)(unit * steps[0]));
        second = BitConverter.HalfToUInt16Bits((Half)(unit * steps[1]));
        (int half, int quarter) = (part / 4, part % 4);
        Vector256<byte> low = Vector256.Load(block + half * 64 + quarter % 2 * 32);
        Vector256<byte> high = Vector256.Load(block + 128 + half * 32);
        low = Vector256.ShiftRightLogical(low, quarter / 2 * 4) & Vector256.Create((byte)15);
        high = Vector256.ShiftRightLogical(high, quarter * 2) & Vector256.Create((byte)3);
        return low | Vector256.ShiftLeft(high, 4);
    }
}

/// <summary>What the 4- and 5-bit types share.</summary>
internal static unsafe class Nibbles
{
    /// <summary>16 bytes: low nibbles are weights 0 to 15, high nibbles 16 to 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Halves(byte* source)
    {
        Vector128<byte> both = Vector128.Load(source);
        return Vector256.Create(both & Vector128.Create((byte)15), Vector128.ShiftRightLogical(both, 4));
    }

    /// <summary>Bit i of the word as 16 in byte i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Fifths(uint bits)
    {
        Vector256<byte> masks = Vector256.Create(0x8040201008040201ul).AsByte();
        Vector256<byte> spread = Vector256.Create(
            (bits & 0xFF) * 0x0101010101010101ul,
            ((bits >> 8) & 0xFF) * 0x0101010101010101ul,
            ((bits >> 16) & 0xFF) * 0x0101010101010101ul,
            (bits >> 24) * 0x0101010101010101ul).AsByte();
        return Vector256.Equals(spread & masks, masks) & Vector256.Create((byte)16);
    }

    /// <summary>K-quants: of every 64 weights the first 32 are the low, the last 32 the high nibbles of 32 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> OfPair(byte* codes, int part) =>
        Vector256.ShiftRightLogical(Vector256.Load(codes + part / 2 * 32), part % 2 * 4) & Vector256.Create((byte)15);

    /// <summary>
    /// K-quants: d * step and -dmin * offset as F16. What the scale loses by rounding is given to the addend for the mean of the numbers, which
    /// leaves a block's weights half as far from the stored ones.
    /// </summary>
    public static (ushort Scale, ushort Add) SixBitPair(byte* block, int part, Vector256<byte> numbers)
    {
        (int step, int offset) = SixBitScales.Read(new ReadOnlySpan<byte>(block + 4, 12), part);
        float exact = (float)((Half*)block)[0] * step;
        Half scale = (Half)exact;
        float lost = (exact - (float)scale) * ByteSum(numbers) / R16Matrix.BlockLength;
        Half add = (Half)(lost - (float)((Half*)block)[1] * offset);
        return (BitConverter.HalfToUInt16Bits(scale), BitConverter.HalfToUInt16Bits(add));
    }

    private static int ByteSum(Vector256<byte> numbers)
    {
        Vector256<ushort> pairs = (numbers.AsUInt16() & Vector256.Create((ushort)0xFF)) + Vector256.ShiftRightLogical(numbers.AsUInt16(), 8);
        return Vector256.Sum(pairs);
    }
}
