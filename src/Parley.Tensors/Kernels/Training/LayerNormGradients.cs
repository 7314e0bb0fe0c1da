using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// With n = (x - mean) * inverse and g = w dy: dx = inverse * (g - mean(g) - n * mean(g n)) (arXiv:1607.06450). Mean and inverse are computed
/// again as forward did and kept for the weight's gradient. An item is a row.
/// </summary>
internal readonly unsafe struct LayerNormInputGradient(float* gradient, float* x, float* weight, float epsilon, int columns, bool accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _weight = weight;
    private readonly float _epsilon = epsilon;
    private readonly int _columns = columns;
    private readonly bool _accumulate = accumulate;

    internal required float* Statistics { get; init; }

    internal required float* Output { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            var offset = (long)row * _columns;
            float* gradient = _gradient + offset, x = _x + offset, output = Output + offset;
            var (mean, inverse) = LayerNormForward.Statistics<TLanes>(x, _epsilon, _columns);
            (Statistics[2 * row], Statistics[2 * row + 1]) = (mean, inverse);
            TLanes shift = TLanes.Broadcast(mean), factor = TLanes.Broadcast(inverse);
            TLanes sum = TLanes.Zero, dot = TLanes.Zero;
            for (var i = 0; i < _columns; i += 16)
            {
                var left = _columns - i;
                var scaled = Edge.Load<TLanes>(gradient + i, left) * Edge.Load<TLanes>(_weight + i, left);
                sum += scaled;
                dot = TLanes.FusedMultiplyAdd(scaled, (Edge.Load<TLanes>(x + i, left) - shift) * factor, dot);
            }

            TLanes level = TLanes.Broadcast(-(TLanes.Sum(sum) / _columns)), pull = TLanes.Broadcast(-(TLanes.Sum(dot) / _columns));
            for (var i = 0; i < _columns; i += 16)
            {
                var left = _columns - i;
                var scaled = Edge.Load<TLanes>(gradient + i, left) * Edge.Load<TLanes>(_weight + i, left);
                var normal = (Edge.Load<TLanes>(x + i, left) - shift) * factor;
                Edge.Put(TLanes.FusedMultiplyAdd(normal, pull, scaled + level) * factor, output + i, left, _accumulate);
            }
        }
    }
}

/// <summary>dw += sum over rows of dy * (x - mean) * inverse, one chain over the rows. An item is 16 columns.</summary>
internal readonly unsafe struct LayerNormWeightGradient(
    float* gradient, float* x, float* statistics, int rows, int columns, float* weightGradient) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _statistics = statistics, _weightGradient = weightGradient;
    private readonly int _rows = rows, _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var group = first; group < end; group++)
        {
            var column = group * 16;
            var left = _columns - column;
            var sum = TLanes.Zero;
            for (var row = 0; row < _rows; row++)
            {
                var offset = (long)row * _columns + column;
                var difference = Edge.Load<TLanes>(_x + offset, left) - TLanes.Broadcast(_statistics[2 * row]);
                var normal = difference * TLanes.Broadcast(_statistics[2 * row + 1]);
                sum = TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(_gradient + offset, left), normal, sum);
            }

            Edge.Put(sum, _weightGradient + column, left, accumulate: true);
        }
    }
}
