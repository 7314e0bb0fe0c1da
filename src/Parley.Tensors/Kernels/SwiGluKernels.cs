using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>silu(gate) * up with silu(g) = g / (1 + e^-g) (arXiv:2002.05202). An item is 16 elements.</summary>
internal readonly unsafe struct SwiGluForward(float* gate, float* up, float* output, long count) : IKernel
{
    private readonly float* _gate = gate, _up = up, _output = output;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16)
        {
            var gate = TLanes.Load(_gate + i);
            (gate * LanesMath.Sigmoid(gate) * TLanes.Load(_up + i)).Store(_output + i);
        }

        var left = Math.Min(end * 16L, _count) - i;
        if (left > 0)
        {
            var gate = Edge.Load<TLanes>(_gate + i, left);
            Edge.Store(gate * LanesMath.Sigmoid(gate) * Edge.Load<TLanes>(_up + i, left), _output + i, left);
        }
    }
}

/// <summary>d up = dy * silu(gate); d gate = dy * up * s * (1 + gate * (1 - s)), s the sigmoid. An item is 16 elements.</summary>
internal readonly unsafe struct SwiGluGradient(
    float* gradient, float* gate, float* up, long count, (bool Gate, bool Up) accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _gate = gate, _up = up;
    private readonly long _count = count;
    private readonly (bool Gate, bool Up) _accumulate = accumulate;

    internal required float* GateGradient { get; init; }

    internal required float* UpGradient { get; init; }

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
        TLanes gradient = Edge.Load<TLanes>(_gradient + i, left), gate = Edge.Load<TLanes>(_gate + i, left);
        TLanes up = Edge.Load<TLanes>(_up + i, left), sigmoid = LanesMath.Sigmoid(gate), one = TLanes.Broadcast(1f);
        var slope = sigmoid * TLanes.FusedMultiplyAdd(gate, one - sigmoid, one);
        Edge.Put(gradient * up * slope, GateGradient + i, left, _accumulate.Gate);
        Edge.Put(gradient * (gate * sigmoid), UpGradient + i, left, _accumulate.Up);
    }
}
