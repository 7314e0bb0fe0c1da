using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// gelu(x) = x / 2 * (1 + tanh(u)) with u = sqrt(2 / pi) * (x + 0.044715 x^3), the tanh form of arXiv:1606.08415; computed as x s(2u) with the logistic function s,
/// which is the same number for one exponential.
/// </summary>
internal static class GeluMath
{
    private const float Twice = 1.5957691216f, Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Gelu<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => x * Logistic(x, x * x, out _);

    /// <summary>The derivative: s + x s (1 - s) 2 u'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Slope<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes square = x * x, logistic = Logistic(x, square, out TLanes spread);
        TLanes inner = TLanes.FusedMultiplyAdd(square, TLanes.Broadcast(3 * Twice * Cubic), TLanes.Broadcast(Twice));
        return TLanes.FusedMultiplyAdd(x * spread, inner, logistic);
    }

    /// <summary>s(2u), and s(2u) (1 - s(2u)), both from e^-|2u|, so that no side overflows or cancels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Logistic<TLanes>(TLanes x, TLanes square, out TLanes spread)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes doubled = x * TLanes.FusedMultiplyAdd(square, TLanes.Broadcast(Twice * Cubic), TLanes.Broadcast(Twice));
        TLanes e = LanesMath.ExpOfDistance(TLanes.Zero - TLanes.Abs(doubled)), reciprocal = one / (one + e);
        TLanes tail = e * reciprocal;
        spread = tail * reciprocal;
        return TLanes.SelectGreater(TLanes.Zero, doubled, tail, reciprocal);
    }
}

/// <summary>gelu(gate) * up, or gelu(gate) where up is null. An item is 16 elements.</summary>
internal readonly unsafe struct GeluForward(float* gate, float* up, float* output, long count) : IKernel
{
    private readonly float* _gate = gate, _up = up, _output = output;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16) Put<TLanes>(i, 16);
        if (i < Math.Min(end * 16L, _count)) Put<TLanes>(i, _count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TLanes>(long i, long left)
        where TLanes : struct, ILanes<TLanes>
    {
        var value = GeluMath.Gelu(Edge.Load<TLanes>(_gate + i, left));
        Edge.Store(_up is null ? value : value * Edge.Load<TLanes>(_up + i, left), _output + i, left);
    }
}

/// <summary>d up = dy * gelu(gate); d gate = dy * up * gelu'(gate); up is null where there is none. An item is 16 elements.</summary>
internal readonly unsafe struct GeluGradient(float* gradient, float* gate, float* up, long count, (bool Gate, bool Up) accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _gate = gate, _up = up;
    private readonly long _count = count;
    private readonly (bool Gate, bool Up) _accumulate = accumulate;

    internal required float* GateGradient { get; init; }

    /// <summary>Null where up is.</summary>
    internal required float* UpGradient { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        long i = first * 16L, whole = Edge.Whole(end, _count);
        if (_up is null) WholePlain<TLanes>(i, whole);
        else WholeGated<TLanes>(i, whole);
        i = Math.Max(i, whole);
        if (i < Math.Min(end * 16L, _count)) Last<TLanes>(i, _count - i);
    }

    // Loops of their own: in one method the polynomials would exceed what the compiler is willing to inline.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void WholePlain<TLanes>(long i, long end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (; i < end; i += 16) Plain<TLanes>(i, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void WholeGated<TLanes>(long i, long end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (; i < end; i += 16) Gated<TLanes>(i, 16);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Last<TLanes>(long i, long left)
        where TLanes : struct, ILanes<TLanes>
    {
        if (_up is null) Plain<TLanes>(i, left);
        else Gated<TLanes>(i, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Plain<TLanes>(long i, long left)
        where TLanes : struct, ILanes<TLanes> =>
        Edge.Put(
            Edge.Load<TLanes>(_gradient + i, left) * GeluMath.Slope(Edge.Load<TLanes>(_gate + i, left)), GateGradient + i, left, _accumulate.Gate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Gated<TLanes>(long i, long left)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes gradient = Edge.Load<TLanes>(_gradient + i, left), gate = Edge.Load<TLanes>(_gate + i, left);
        Edge.Put(gradient * Edge.Load<TLanes>(_up + i, left) * GeluMath.Slope(gate), GateGradient + i, left, _accumulate.Gate);
        Edge.Put(gradient * GeluMath.Gelu(gate), UpGradient + i, left, _accumulate.Up);
    }
}

/// <summary>gelu(x) = x / 2 * (1 + erf(x / sqrt(2))), the exact form of arXiv:1606.08415, which bert was trained with. An item is 16 elements.</summary>
internal readonly unsafe struct GeluErfForward(float* x, float* output, long count) : IKernel
{
    private readonly float* _x = x, _output = output;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (long i = first * 16L, stop = end * 16L; i < stop; i += 16)
        {
            var x = Edge.Load<TLanes>(_x + i, _count - i);
            var half = x * TLanes.Broadcast(0.5f);
            Edge.Store(TLanes.FusedMultiplyAdd(half, LanesMath.Erf(x * TLanes.Broadcast(0.70710678f)), half), _output + i, _count - i);
        }
    }
}
