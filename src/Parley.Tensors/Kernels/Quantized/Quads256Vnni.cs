using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Eight rows as one 256-bit vector, for processors with AVX-VNNI.</summary>
internal readonly unsafe struct Quads256Vnni : IQuads<Quads256Vnni>
{
    private readonly Vector256<int> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quads256Vnni(Vector256<int> value) => _value = value;

    public static int Rows => 8;

    public static bool OffsetInDot8 => false;

    public static Quads256Vnni Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Load(byte* source) => new(Vector256.Load((int*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Broadcast(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni operator &(Quads256Vnni a, Quads256Vnni b) => new(a._value & b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni operator |(Quads256Vnni a, Quads256Vnni b) => new(a._value | b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni ShiftRight(Quads256Vnni a, int bits) => new(Vector256.ShiftRightLogical(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni ShiftLeft(Quads256Vnni a, int bits) => new(Vector256.ShiftLeft(a._value, bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Dot(Quads256Vnni sum, Quads256Vnni numbers, Quads256Vnni x) =>
        new(AvxVnni.MultiplyWideningAndAdd(sum._value, numbers._value.AsByte(), x._value.AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Dot8(Quads256Vnni sum, Quads256Vnni numbers, Quads256Vnni x) => Dot(sum, numbers, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Dot4(Quads256Vnni sum, Quads256Vnni numbers, Quads256Vnni x) => Dot(sum, numbers, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Widen(Quads256Vnni sum) => sum;

    // The exponent moves by 112; the product is exact, also for subnormal values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni FromHalf(byte* source)
    {
        Vector256<int> bits = Vector256.WidenLower(Vector128.Load((ushort*)source).ToVector256Unsafe()).AsInt32();
        Vector256<float> size = Vector256.ShiftLeft(bits & Vector256.Create(0x7FFF), 13).AsSingle() * Vector256.Create(5192296858534827628530496329220096f);
        return new(size.AsInt32() | Vector256.ShiftLeft(bits & Vector256.Create(0x8000), 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni Fold(Quads256Vnni sum, Quads256Vnni dot, Quads256Vnni term, Quads256Vnni scale, Quads256Vnni factor)
    {
        Vector256<float> scaled = Vector256.ConvertToSingle(dot._value + term._value) * scale._value.AsSingle();
        return new(Vector256.FusedMultiplyAdd(scaled, factor._value.AsSingle(), sum._value.AsSingle()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256Vnni FusedMultiplyAdd(Quads256Vnni a, Quads256Vnni b, Quads256Vnni c) =>
        new(Vector256.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).AsInt32());
}
