using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>Sixteen lanes as two 256-bit vectors.</summary>
internal readonly unsafe partial struct Lanes256 : ILanes<Lanes256>
{
    private readonly Vector256<float> _v0, _v1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes256(Vector256<float> v0, Vector256<float> v1) => (_v0, _v1) = (v0, v1);

    public static Lanes256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUpperHalves(uint* source) => new(Upper(Vector256.Load(source)), Upper(Vector256.Load(source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadLowerHalves(uint* source) => new(Lower(Vector256.Load(source)), Lower(Vector256.Load(source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target)
    {
        _v0.Store(target);
        _v1.Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value)
    {
        Vector256<float> all = Vector256.Create(value);
        return new(all, all);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a._v0 + b._v0, a._v1 + b._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a._v0 - b._v0, a._v1 - b._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a._v0 * b._v0, a._v1 * b._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a._v0 / b._v0, a._v1 / b._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FusedMultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) =>
        new(Vector256.FusedMultiplyAdd(a._v0, b._v0, c._v0), Vector256.FusedMultiplyAdd(a._v1, b._v1, c._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Max(a._v0, b._v0), Max(a._v1, b._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) =>
        Avx.IsSupported ? new(Avx.Min(a._v0, b._v0), Avx.Min(a._v1, b._v1)) : SelectGreater(b, a, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectGreater(Lanes256 a, Lanes256 b, Lanes256 whenGreater, Lanes256 otherwise) =>
        new(
            Vector256.ConditionalSelect(Vector256.GreaterThan(a._v0, b._v0), whenGreater._v0, otherwise._v0),
            Vector256.ConditionalSelect(Vector256.GreaterThan(a._v1, b._v1), whenGreater._v1, otherwise._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 a) => new(Vector256.Sqrt(a._v0), Vector256.Sqrt(a._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 a) => new(Vector256.Abs(a._v0), Vector256.Abs(a._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CopySign(Lanes256 a, Lanes256 b) =>
        new(Vector256.CopySign(a._v0, b._v0), Vector256.CopySign(a._v1, b._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 n) => new(PowerOfTwo(n._v0), PowerOfTwo(n._v1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 a) => SumHalves(a._v0, a._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes256 a) => LargestOfHalves(a._v0, a._v1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumHalves(Vector256<float> low, Vector256<float> high)
    {
        Vector256<float> sum = low + high; // (l, l+8)
        return Lanes128.SumQuarters(sum.GetLower() + sum.GetUpper()); // (l, l+4)
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float LargestOfHalves(Vector256<float> low, Vector256<float> high)
    {
        Vector256<float> largest = Max(low, high);
        return Lanes128.LargestOfQuarters(Lanes128.Max(largest.GetLower(), largest.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Max(Vector256<float> a, Vector256<float> b) =>
        Avx.IsSupported ? Avx.Max(a, b) : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<float> n) =>
        Vector256.ShiftLeft(Vector256.AsInt32(n + Vector256.Create(LanesMath.RoundingShift)) + Vector256.Create(127), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Upper(Vector256<uint> words) => (words & Vector256.Create(0xFFFF0000u)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Lower(Vector256<uint> words) => (words << 16).AsSingle();
}
