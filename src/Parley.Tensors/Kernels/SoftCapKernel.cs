using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>target = cap * tanh(target / cap) (Gemma 2, arXiv:2408.00118). An item is 16 elements.</summary>
internal readonly unsafe struct SoftCapKernel(float* target, float cap, long count) : IKernel
{
    private readonly float* _target = target;
    private readonly float _cap = cap;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var cap = TLanes.Broadcast(_cap);
        for (long i = first * 16L, stop = end * 16L; i < stop; i += 16)
        {
            Edge.Store(LanesMath.Tanh(Edge.Load<TLanes>(_target + i, _count - i) / cap) * cap, _target + i, _count - i);
        }
    }
}
