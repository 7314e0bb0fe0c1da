using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Sixteen rows as one 512-bit vector, for processors with AVX-512BW.</summary>
internal readonly unsafe struct Quads512 : IQuads<Quads512>
{
    private readonly Vector512<int> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quads512(Vector512<int> value) => _value = value;

    public static int Rows => 16;

    public static bool OffsetInDot8 => false;

    public static Quads512 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Load(byte* source) => new(Vector512.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Broadcast(int value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 operator &(Quads512 a, Quads512 b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 operator |(Quads512 a, Quads512 b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 ShiftRight(Quads512 a, int bits) => new(Vector512.ShiftRightLogical(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 ShiftLeft(Quads512 a, int bits) => new(Vector512.ShiftLeft(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Dot(Quads512 sum, Quads512 numbers, Quads512 x) => Add(sum, numbers._value.AsByte(), x._value.AsSByte());

    // Full bytes would saturate the sums of two products; their upper bit goes separately.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Dot8(Quads512 sum, Quads512 numbers, Quads512 x)
    {
        Vector512<byte> upper = Vector512.Create((byte)128);
        Vector512<byte> value = numbers._value.AsByte();
        return Add(Add(sum, value & upper, x._value.AsSByte()), Vector512.AndNot(value, upper), x._value.AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quads512 Add(Quads512 sum, Vector512<byte> numbers, Vector512<sbyte> x) =>
        new(sum._value + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(numbers, x), Vector512<short>.One));

    // Eight times 15 * 127 * 2 fit 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Dot4(Quads512 sum, Quads512 numbers, Quads512 x) =>
        new((sum._value.AsInt16() + Avx512BW.MultiplyAddAdjacent(numbers._value.AsByte(), x._value.AsSByte())).AsInt32());

    /// <summary>The first products of <see cref="Dot4"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Products(Quads512 numbers, Quads512 x) => new(Avx512BW.MultiplyAddAdjacent(numbers._value.AsByte(), x._value.AsSByte()).AsInt32());

    /// <summary>Adds sums that are in two halves still.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 AddHalves(Quads512 a, Quads512 b) => new((a._value.AsInt16() + b._value.AsInt16()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 operator +(Quads512 a, Quads512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Widen(Quads512 sum) => new(Avx512BW.MultiplyAddAdjacent(sum._value.AsInt16(), Vector512<short>.One));

    // The exponent moves by 112; the product is exact, also for subnormal values. The sign, widened into bits 15 to 31, is where it belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 FromHalf(byte* source)
    {
        Vector512<int> bits = Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)source)), 13);
        return new(((bits & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(5192296858534827628530496329220096f)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 Fold(Quads512 sum, Quads512 dot, Quads512 term, Quads512 scale, Quads512 factor)
    {
        Vector512<float> scaled = Vector512.ConvertToSingle(dot._value + term._value) * scale._value.AsSingle();
        return new(Vector512.FusedMultiplyAdd(scaled, factor._value.AsSingle(), sum._value.AsSingle()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads512 FusedMultiplyAdd(Quads512 a, Quads512 b, Quads512 c) =>
        new(Vector512.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsInt32());
}
