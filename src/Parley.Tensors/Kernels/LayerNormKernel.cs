using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias (arXiv:1607.06450); the variance from the differences. An item is a row.</summary>
internal readonly unsafe struct LayerNormForward(float* x, float* weight, float* bias, float epsilon, int columns, float* output) : IKernel
{
    private readonly float* _x = x, _weight = weight, _bias = bias, _output = output;
    private readonly float _epsilon = epsilon;
    private readonly int _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            float* x = _x + (long)row * _columns, output = _output + (long)row * _columns;
            var mean = Mean<TLanes>(x);
            var inverse = TLanes.Broadcast(1 / MathF.Sqrt(Variance<TLanes>(x, mean) + _epsilon));
            var shift = TLanes.Broadcast(mean);
            for (var i = 0; i < _columns; i += 16)
            {
                var left = _columns - i;
                var normal = (Edge.Load<TLanes>(x + i, left) - shift) * inverse;
                Edge.Store(TLanes.FusedMultiplyAdd(normal, Edge.Load<TLanes>(_weight + i, left), Edge.Load<TLanes>(_bias + i, left)), output + i, left);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Mean<TLanes>(float* x)
        where TLanes : struct, ILanes<TLanes>
    {
        var sum = TLanes.Zero;
        for (var i = 0; i < _columns; i += 16) sum += Edge.Load<TLanes>(x + i, _columns - i);
        return TLanes.Sum(sum) / _columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Variance<TLanes>(float* x, float mean)
        where TLanes : struct, ILanes<TLanes>
    {
        var squares = TLanes.Zero;
        for (var i = 0; i < _columns; i += 16)
        {
            // Lanes behind the end are filled with the mean, so that their difference is zero.
            var difference = Edge.Load<TLanes>(x + i, _columns - i, mean) - TLanes.Broadcast(mean);
            squares = TLanes.FusedMultiplyAdd(difference, difference, squares);
        }

        return TLanes.Sum(squares) / _columns;
    }
}
