using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>output[t] = the sum over k of weights[t * k] * rows[places[t * k]], one chain in the order of k. An item is a token.</summary>
internal readonly unsafe struct MixExpertsKernel(float* rows, ReadOnlyMemory<int> places, ReadOnlyMemory<float> weights, int each, int columns) : IKernel
{
    private readonly float* _rows = rows;
    private readonly ReadOnlyMemory<int> _places = places;
    private readonly ReadOnlyMemory<float> _weights = weights;
    private readonly int _each = each, _columns = columns;

    internal required float* Output { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<int> places = _places.Span;
        ReadOnlySpan<float> weights = _weights.Span;
        for (var token = first; token < end; token++)
        {
            for (var i = 0; i < _columns; i += 16)
            {
                var left = _columns - i;
                var sum = TLanes.Zero;
                for (var rank = token * _each; rank < (token + 1) * _each; rank++)
                {
                    sum = TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(_rows + (long)places[rank] * _columns + i, left), TLanes.Broadcast(weights[rank]), sum);
                }

                Edge.Store(sum, Output + (long)token * _columns + i, left);
            }
        }
    }
}
