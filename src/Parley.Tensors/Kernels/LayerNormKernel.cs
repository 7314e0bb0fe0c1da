using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias (arXiv:1607.06450); the variance from the differences. An item is a row.</summary>
internal readonly unsafe struct LayerNormForward(float* x, float* weight, float* bias, float epsilon, int columns, float* output) : IKernel
{
    /// <summary>[T, 2]: the mean and 1 / sqrt(...) of each row, kept for the backward pass; may be null.</summary>
    internal float* Statistics { get; init; }

    private readonly float* _x = x, _weight = weight, _bias = bias, _output = output;
    private readonly float _epsilon = epsilon;
    private readonly int _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            float* x = _x + (long)row * _columns, output = _output + (long)row * _columns;
            var mean = Mean<TLanes>(x);
            var deviation = 1 / MathF.Sqrt(Variance<TLanes>(x, mean) + _epsilon);
            if (Statistics is not null) (Statistics[2L * row], Statistics[2L * row + 1]) = (mean, deviation);
            TLanes inverse = TLanes.Broadcast(deviation), shift = TLanes.Broadcast(mean);
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

/// <summary>dx = inverse * (w dy - mean(w dy) - n * mean(w dy n)), n the normalised row. An item is a row.</summary>
internal readonly unsafe struct LayerNormInputGradient(
    float* gradient, float* x, float* weight, float* statistics, int columns, float* output, bool accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _weight = weight, _statistics = statistics, _output = output;
    private readonly int _columns = columns;
    private readonly bool _accumulate = accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            var offset = (long)row * _columns;
            float* gradient = _gradient + offset, x = _x + offset, output = _output + offset;
            TLanes mean = TLanes.Broadcast(_statistics[2L * row]), inverse = TLanes.Broadcast(_statistics[2L * row + 1]);
            TLanes sum = TLanes.Zero, dot = TLanes.Zero;
            for (var i = 0; i < _columns; i += 16)
            {
                // Lanes behind the end are zero in the gradient and so in both sums.
                var left = _columns - i;
                var scaled = Edge.Load<TLanes>(gradient + i, left) * Edge.Load<TLanes>(_weight + i, left);
                sum += scaled;
                dot = TLanes.FusedMultiplyAdd(scaled, (Edge.Load<TLanes>(x + i, left) - mean) * inverse, dot);
            }

            TLanes shift = TLanes.Broadcast(TLanes.Sum(sum) / _columns), pull = TLanes.Broadcast(-(TLanes.Sum(dot) / _columns));
            for (var i = 0; i < _columns; i += 16)
            {
                var left = _columns - i;
                var scaled = Edge.Load<TLanes>(gradient + i, left) * Edge.Load<TLanes>(_weight + i, left) - shift;
                var normal = (Edge.Load<TLanes>(x + i, left) - mean) * inverse;
                Edge.Put(TLanes.FusedMultiplyAdd(normal, pull, scaled) * inverse, output + i, left, _accumulate);
            }
        }
    }
}

/// <summary>dw += sum over rows of dy * n, db += sum over rows of dy, one chain over the rows each. An item is 16 columns.</summary>
internal readonly unsafe struct LayerNormWeightGradient(float* gradient, float* x, float* statistics, int rows, int columns) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _statistics = statistics;
    private readonly int _rows = rows, _columns = columns;

    internal required float* WeightGradient { get; init; }

    internal required float* BiasGradient { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var group = first; group < end; group++)
        {
            var column = group * 16;
            var left = _columns - column;
            TLanes weight = TLanes.Zero, bias = TLanes.Zero;
            for (var row = 0; row < _rows; row++)
            {
                var offset = (long)row * _columns + column;
                var gradient = Edge.Load<TLanes>(_gradient + offset, left);
                var normal = (Edge.Load<TLanes>(_x + offset, left) - TLanes.Broadcast(_statistics[2L * row])) * TLanes.Broadcast(_statistics[2L * row + 1]);
                weight = TLanes.FusedMultiplyAdd(gradient, normal, weight);
                bias += gradient;
            }

            Edge.Put(weight, WeightGradient + column, left, accumulate: true);
            Edge.Put(bias, BiasGradient + column, left, accumulate: true);
        }
    }
}
