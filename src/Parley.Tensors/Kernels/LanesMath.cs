using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Exponential, hyperbolic tangent and logistic function by our own polynomials, so that every width, the scalar
/// reference and every machine give the same bits; relative error at most 2e-7. NaN passes through. The library's
/// functions are not used: their last bit differs between platforms.
/// </summary>
internal static unsafe class LanesMath
{
    /// <summary>1.5 * 2^23: adding and subtracting it rounds to a whole number, ties to even.</summary>
    internal const float RoundingShift = 12582912f;

    /// <summary>e^x; 0 below -104, infinity above 88.73.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        // x as the second operand: a NaN comes back out.
        x = TLanes.Max(TLanes.Broadcast(-104f), TLanes.Min(TLanes.Broadcast(89f), x));
        TLanes shift = TLanes.Broadcast(RoundingShift);
        TLanes n = TLanes.FusedMultiplyAdd(x, TLanes.Broadcast(1.44269504f), shift) - shift;

        // r = x - n ln 2, |r| <= 0.35, with ln 2 in two parts (Cephes' split).
        TLanes r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-0.693359375f), x);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(2.12194440e-4f), r);

        // Taylor to degree 7; what is left out is r^8 / 8! < 6e-9.
        TLanes p = TLanes.Broadcast(1f / 5040);
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 720));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 120));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 24));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f / 6));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(0.5f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));

        // 2^n in two factors, because n reaches from -150 to 128.
        TLanes half = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(0.5f), shift) - shift;
        return p * TLanes.PowerOfTwo(half) * TLanes.PowerOfTwo(n - half);
    }

    /// <summary>
    /// e^x for x up to about 0, the weights of a softmax: relative error 2e-7, growing to 4e-7 at -80; below it what -80 gives, 2e-35: weights times values stay clear of denormals.
    /// Exactly 1 at 0. NaN passes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes ExpOfDistance<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        x = TLanes.Max(TLanes.Broadcast(-80f), x);
        TLanes shifted = TLanes.FusedMultiplyAdd(x, TLanes.Broadcast(1.44269504f), TLanes.Broadcast(RoundingShift));
        TLanes r = TLanes.FusedMultiplyAdd(shifted - TLanes.Broadcast(RoundingShift), TLanes.Broadcast(-0.69314718f), x);

        // Minimax with the first two coefficients held at 1; 1.05e-7 at the ends of |r| <= ln 2 / 2.
        TLanes p = TLanes.FusedMultiplyAdd(r, TLanes.Broadcast(8.31250125e-3f), TLanes.Broadcast(4.18903315e-2f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(0.166671154f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(0.499992303f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(1f));
        return p * TLanes.PowerOfTwoShifted(shifted);
    }

    /// <summary>tanh x: an odd polynomial below 0.625 (Cephes' tanhf), 1 - 2 / (e^2x + 1) above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Tanh<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes size = TLanes.Abs(x);
        TLanes square = x * x;
        TLanes p = TLanes.Broadcast(-5.70498872745e-3f);
        p = TLanes.FusedMultiplyAdd(p, square, TLanes.Broadcast(2.06390887954e-2f));
        p = TLanes.FusedMultiplyAdd(p, square, TLanes.Broadcast(-5.37397155531e-2f));
        p = TLanes.FusedMultiplyAdd(p, square, TLanes.Broadcast(1.33314422036e-1f));
        p = TLanes.FusedMultiplyAdd(p, square, TLanes.Broadcast(-3.33332819422e-1f));
        TLanes small = TLanes.FusedMultiplyAdd(p * square, x, x);

        TLanes one = TLanes.Broadcast(1f);
        TLanes large = one - TLanes.Broadcast(2f) / (Exp(size + size) + one);
        return TLanes.SelectGreater(size, TLanes.Broadcast(0.625f), TLanes.CopySign(large, x), small);
    }

    /// <summary>
    /// The error function: 1 - t (a1 + .. + a5 t^4) e^(-x^2) with t = 1 / (1 + p |x|) (Abramowitz and Stegun 7.1.26). Absolute error at most 3e-7,
    /// half of it the formula's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Erf<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes size = TLanes.Abs(x), one = TLanes.Broadcast(1f);
        TLanes t = one / TLanes.FusedMultiplyAdd(size, TLanes.Broadcast(0.3275911f), one);
        TLanes p = TLanes.FusedMultiplyAdd(t, TLanes.Broadcast(1.061405429f), TLanes.Broadcast(-1.453152027f));
        p = TLanes.FusedMultiplyAdd(p, t, TLanes.Broadcast(1.421413741f));
        p = TLanes.FusedMultiplyAdd(p, t, TLanes.Broadcast(-0.284496736f));
        p = TLanes.FusedMultiplyAdd(p, t, TLanes.Broadcast(0.254829592f));
        return TLanes.CopySign(one - p * t * Exp(TLanes.Zero - size * size), x);
    }

    /// <summary>1 / (1 + e^-x), from e^-|x| so that neither side overflows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sigmoid<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes e = Exp(TLanes.Zero - TLanes.Abs(x));
        return TLanes.SelectGreater(TLanes.Zero, x, e, one) / (one + e);
    }

    /// <summary>The first <paramref name="count"/> (0 to 16) floats, the other lanes filled.</summary>
    public static TLanes LoadPartial<TLanes>(float* source, int count, float fill = 0)
        where TLanes : struct, ILanes<TLanes>
    {
        float* buffer = stackalloc float[16];
        for (int i = 0; i < 16; i++)
        {
            buffer[i] = i < count ? source[i] : fill;
        }

        return TLanes.Load(buffer);
    }

    /// <summary>Stores the first <paramref name="count"/> (0 to 16) lanes.</summary>
    public static void StorePartial<TLanes>(TLanes value, float* target, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        float* buffer = stackalloc float[16];
        value.Store(buffer);
        for (int i = 0; i < count; i++)
        {
            target[i] = buffer[i];
        }
    }
}
