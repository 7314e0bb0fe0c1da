using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>One AdamW step (arXiv:1711.05101, algorithm 2) on a flat tensor. An item is 16 elements.</summary>
internal readonly unsafe struct AdamWKernel(float* weight, float* gradient, float* first, float* second, long count) : IKernel
{
    private readonly float* _weight = weight, _gradient = gradient, _first = first, _second = second;
    private readonly long _count = count;

    internal required float Beta1 { get; init; }

    internal required float Beta2 { get; init; }

    internal required float Epsilon { get; init; }

    /// <summary>Learning rate over the first moment's bias correction.</summary>
    internal required float StepSize { get; init; }

    /// <summary>1 / the second moment's bias correction.</summary>
    internal required float SecondCorrection { get; init; }

    /// <summary>1 - learning rate * weight decay</summary>
    internal required float Decay { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16) Step<TLanes>(i, 16);
        if (i < Math.Min(end * 16L, _count)) Step<TLanes>(i, _count - i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Step<TLanes>(long i, long left)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes beta1 = TLanes.Broadcast(Beta1), rest1 = TLanes.Broadcast(1 - Beta1), beta2 = TLanes.Broadcast(Beta2);
        TLanes rest2 = TLanes.Broadcast(1 - Beta2), epsilon = TLanes.Broadcast(Epsilon), step = TLanes.Broadcast(-StepSize);
        TLanes correction = TLanes.Broadcast(SecondCorrection), decay = TLanes.Broadcast(Decay);
        var gradient = Edge.Load<TLanes>(_gradient + i, left);
        var mean = TLanes.FusedMultiplyAdd(beta1, Edge.Load<TLanes>(_first + i, left), rest1 * gradient);
        var square = TLanes.FusedMultiplyAdd(beta2, Edge.Load<TLanes>(_second + i, left), rest2 * (gradient * gradient));
        Edge.Store(mean, _first + i, left);
        Edge.Store(square, _second + i, left);
        var update = mean / (TLanes.Sqrt(square * correction) + epsilon);
        Edge.Store(TLanes.FusedMultiplyAdd(step, update, Edge.Load<TLanes>(_weight + i, left) * decay), _weight + i, left);
    }
}
