using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Eight rows as one 256-bit vector, for processors with AVX2.</summary>
internal readonly unsafe struct Quads256 : IQuads<Quads256>
{
    private readonly Vector256<int> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quads256(Vector256<int> value) => _value = value;

    public static int Rows => 8;

    public static bool OffsetInDot8 => true;

    public static Quads256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Load(byte* source) => new(Vector256.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Broadcast(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 operator &(Quads256 a, Quads256 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 operator |(Quads256 a, Quads256 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 ShiftRight(Quads256 a, int bits) => new(Vector256.ShiftRightLogical(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 ShiftLeft(Quads256 a, int bits) => new(Vector256.ShiftLeft(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Dot(Quads256 sum, Quads256 numbers, Quads256 x) => Add(sum, numbers._value.AsByte(), x._value.AsSByte());

    // Full bytes would saturate the sums of two products: sizes and signs are taken apart instead, at most 128 * 127 * 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Dot8(Quads256 sum, Quads256 numbers, Quads256 x)
    {
        Vector256<sbyte> signed = (numbers._value.AsByte() ^ Vector256.Create((byte)128)).AsSByte();
        return Add(sum, Avx2.Abs(signed), Avx2.Sign(x._value.AsSByte(), signed));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads256 Add(Quads256 sum, Vector256<byte> numbers, Vector256<sbyte> x) =>
        new(sum._value + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(numbers, x), Vector256<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Dot4(Quads256 sum, Quads256 numbers, Quads256 x) => Dot(sum, numbers, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Widen(Quads256 sum) => sum;

    // The exponent moves by 112; the product is exact, also for subnormal values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 FromHalf(byte* source)
    {
        Vector256<int> bits = Vector256.WidenLower(Vector128.Load((ushort*)source).ToVector256Unsafe()).AsInt32();
        Vector256<float> size = Vector256.ShiftLeft(bits & Vector256.Create(0x7FFF), 13).AsSingle() * Vector256.Create(5192296858534827628530496329220096f);
        return new(size.AsInt32() | Vector256.ShiftLeft(bits & Vector256.Create(0x8000), 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Fold(Quads256 sum, Quads256 dot, Quads256 term, Quads256 scale, Quads256 factor)
    {
        Vector256<float> scaled = Vector256.ConvertToSingle(dot._value + term._value) * scale._value.AsSingle();
        return new(Vector256.FusedMultiplyAdd(scaled, factor._value.AsSingle(), sum._value.AsSingle()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 FusedMultiplyAdd(Quads256 a, Quads256 b, Quads256 c) =>
        new(Vector256.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsInt32());
}
