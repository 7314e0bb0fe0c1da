using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>output = max(x, 0)^2 (arXiv:2109.08668). An item is 16 elements.</summary>
internal readonly unsafe struct Relu2Forward(float* x, float* output, long count) : IKernel
{
    private readonly float* _x = x, _output = output;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (long i = first * 16L, stop = end * 16L; i < stop; i += 16)
        {
            var kept = TLanes.Max(Edge.Load<TLanes>(_x + i, _count - i), TLanes.Zero);
            Edge.Store(kept * kept, _output + i, _count - i);
        }
    }
}

/// <summary>dx = dy * 2 max(x, 0). An item is 16 elements.</summary>
internal readonly unsafe struct Relu2Gradient(float* gradient, float* x, float* output, long count, bool accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _output = output;
    private readonly long _count = count;
    private readonly bool _accumulate = accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (long i = first * 16L, stop = end * 16L; i < stop; i += 16)
        {
            var left = _count - i;
            var kept = TLanes.Max(Edge.Load<TLanes>(_x + i, left), TLanes.Zero);
            Edge.Put(Edge.Load<TLanes>(_gradient + i, left) * (kept + kept), _output + i, left, _accumulate);
        }
    }
}

/// <summary>gradient *= 1 - (capped / cap)^2, the derivative of cap * tanh(x / cap) by its value. An item is 16 elements.</summary>
internal readonly unsafe struct SoftCapGradient(float* gradient, float* capped, float cap, long count) : IKernel
{
    private readonly float* _gradient = gradient, _capped = capped;
    private readonly float _cap = cap;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes cap = TLanes.Broadcast(_cap), one = TLanes.Broadcast(1f);
        for (long i = first * 16L, stop = end * 16L; i < stop; i += 16)
        {
            var left = _count - i;
            var tanh = Edge.Load<TLanes>(_capped + i, left) / cap;
            Edge.Store(Edge.Load<TLanes>(_gradient + i, left) * (one - tanh * tanh), _gradient + i, left);
        }
    }
}
