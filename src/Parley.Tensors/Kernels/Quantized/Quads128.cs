using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Four rows as one 128-bit vector.</summary>
internal readonly unsafe struct Quads128 : IQuads<Quads128>
{
    private readonly Vector128<int> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quads128(Vector128<int> value) => _value = value;

    public static int Rows => 4;

    public static bool OffsetInDot8 => Ssse3.IsSupported;

    public static Quads128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Load(byte* source) => new(Vector128.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Broadcast(int value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 operator &(Quads128 a, Quads128 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 operator |(Quads128 a, Quads128 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 ShiftRight(Quads128 a, int bits) => new(Vector128.ShiftRightLogical(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 ShiftLeft(Quads128 a, int bits) => new(Vector128.ShiftLeft(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Dot(Quads128 sum, Quads128 numbers, Quads128 x) =>
        Ssse3.IsSupported ? Add(sum, numbers._value.AsByte(), x._value.AsSByte()) : Plain(sum, numbers, x);

    // Full bytes would saturate the sums of two products: sizes and signs are taken apart instead, at most 128 * 127 * 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Dot8(Quads128 sum, Quads128 numbers, Quads128 x)
    {
        if (!Ssse3.IsSupported)
        {
            return Plain(sum, numbers, x);
        }

        Vector128<sbyte> signed = (numbers._value.AsByte() ^ Vector128.Create((byte)128)).AsSByte();
        return Add(sum, Ssse3.Abs(signed), Ssse3.Sign(x._value.AsSByte(), signed));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads128 Add(Quads128 sum, Vector128<byte> numbers, Vector128<sbyte> x) =>
        new(sum._value + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(numbers, x), Vector128<short>.One));

    // Every processor has these: one byte of each lane at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads128 Plain(Quads128 sum, Quads128 numbers, Quads128 x)
    {
        Vector128<int> result = sum._value, mask = Vector128.Create(255);
        for (int bits = 0; bits < 32; bits += 8)
        {
            Vector128<int> factor = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(x._value, 24 - bits), 24);
            result += (Vector128.ShiftRightLogical(numbers._value, bits) & mask) * factor;
        }

        return new(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Dot4(Quads128 sum, Quads128 numbers, Quads128 x) => Dot(sum, numbers, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Widen(Quads128 sum) => sum;

    // The exponent moves by 112; the product is exact, also for subnormal values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 FromHalf(byte* source)
    {
        Vector128<int> bits = Vector128.WidenLower(Vector64.Load((ushort*)source).ToVector128Unsafe()).AsInt32();
        Vector128<float> size = Vector128.ShiftLeft(bits & Vector128.Create(0x7FFF), 13).AsSingle() * Vector128.Create(5192296858534827628530496329220096f);
        return new(size.AsInt32() | Vector128.ShiftLeft(bits & Vector128.Create(0x8000), 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Fold(Quads128 sum, Quads128 dot, Quads128 term, Quads128 scale, Quads128 factor)
    {
        Vector128<float> scaled = Vector128.ConvertToSingle(dot._value + term._value) * scale._value.AsSingle();
        return new(Vector128.FusedMultiplyAdd(scaled, factor._value.AsSingle(), sum._value.AsSingle()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 FusedMultiplyAdd(Quads128 a, Quads128 b, Quads128 c) =>
        new(Vector128.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsInt32());
}
