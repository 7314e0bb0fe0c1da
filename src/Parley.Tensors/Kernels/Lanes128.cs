using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Sixteen lanes as four 128-bit vectors.</summary>
internal readonly unsafe partial struct Lanes128 : ILanes<Lanes128>
{
    private readonly Vector128<float> _v0, _v1, _v2, _v3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes128(Vector128<float> v0, Vector128<float> v1, Vector128<float> v2, Vector128<float> v3) => (_v0, _v1, _v2, _v3) = (v0, v1, v2, v3);

    public static Lanes128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) =>
        new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadUpperHalves(uint* source) =>
        new(
            Upper(Vector128.Load(source)), Upper(Vector128.Load(source + 4)),
            Upper(Vector128.Load(source + 8)), Upper(Vector128.Load(source + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadLowerHalves(uint* source) =>
        new(
            Lower(Vector128.Load(source)), Lower(Vector128.Load(source + 4)),
            Lower(Vector128.Load(source + 8)), Lower(Vector128.Load(source + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _v0.Store(target);
        _v1.Store(target + 4);
        _v2.Store(target + 8);
        _v3.Store(target + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value)
    {
        Vector128<float> all = Vector128.Create(value);
        return new(all, all, all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 a, Lanes128 b) => new(a._v0 + b._v0, a._v1 + b._v1, a._v2 + b._v2, a._v3 + b._v3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 a, Lanes128 b) => new(a._v0 - b._v0, a._v1 - b._v1, a._v2 - b._v2, a._v3 - b._v3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 a, Lanes128 b) => new(a._v0 * b._v0, a._v1 * b._v1, a._v2 * b._v2, a._v3 * b._v3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 a, Lanes128 b) => new(a._v0 / b._v0, a._v1 / b._v1, a._v2 / b._v2, a._v3 / b._v3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 FusedMultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 c) =>
        new(Vector128.FusedMultiplyAdd(a._v0, b._v0, c._v0), Vector128.FusedMultiplyAdd(a._v1, b._v1, c._v1), Vector128.FusedMultiplyAdd(a._v2, b._v2, c._v2), Vector128.FusedMultiplyAdd(a._v3, b._v3, c._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 a, Lanes128 b) => SelectGreater(a, b, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 a, Lanes128 b) => SelectGreater(b, a, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectGreater(Lanes128 a, Lanes128 b, Lanes128 whenGreater, Lanes128 otherwise) =>
        new(
            Vector128.ConditionalSelect(Vector128.GreaterThan(a._v0, b._v0), whenGreater._v0, otherwise._v0),
            Vector128.ConditionalSelect(Vector128.GreaterThan(a._v1, b._v1), whenGreater._v1, otherwise._v1),
            Vector128.ConditionalSelect(Vector128.GreaterThan(a._v2, b._v2), whenGreater._v2, otherwise._v2),
            Vector128.ConditionalSelect(Vector128.GreaterThan(a._v3, b._v3), whenGreater._v3, otherwise._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 a) =>
        new(Vector128.Sqrt(a._v0), Vector128.Sqrt(a._v1), Vector128.Sqrt(a._v2), Vector128.Sqrt(a._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 a) =>
        new(Vector128.Abs(a._v0), Vector128.Abs(a._v1), Vector128.Abs(a._v2), Vector128.Abs(a._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CopySign(Lanes128 a, Lanes128 b) =>
        new(Vector128.CopySign(a._v0, b._v0), Vector128.CopySign(a._v1, b._v1), Vector128.CopySign(a._v2, b._v2), Vector128.CopySign(a._v3, b._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 n) => new(PowerOfTwo(n._v0), PowerOfTwo(n._v1), PowerOfTwo(n._v2), PowerOfTwo(n._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 a) => SumQuarters(a._v0 + a._v2 + (a._v1 + a._v3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes128 a) => LargestOfQuarters(Max(Max(a._v0, a._v2), Max(a._v1, a._v3)));

    /// <summary>The last two levels of the tree: (l, l+2), (l, l+1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumQuarters(Vector128<float> a)
    {
        Vector128<float> halves = a + Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1));
        return (halves + Vector128.Shuffle(halves, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float LargestOfQuarters(Vector128<float> a)
    {
        Vector128<float> halves = Max(a, Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1)));
        return Max(halves, Vector128.Shuffle(halves, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Max(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.Max(a, b) : Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> PowerOfTwo(Vector128<float> n) =>
        Vector128.ShiftLeft(Vector128.AsInt32(n + Vector128.Create(LanesMath.RoundingShift)) + Vector128.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Upper(Vector128<uint> words) => (words & Vector128.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Lower(Vector128<uint> words) => (words << 16).AsSingle();
}
