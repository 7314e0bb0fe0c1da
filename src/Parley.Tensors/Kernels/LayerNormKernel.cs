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

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
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
            var whole = _columns & ~15;
            for (var i = 0; i < whole; i += 16)
            {
                TLanes.FusedMultiplyAdd((TLanes.Load(x + i) - shift) * inverse, TLanes.Load(_weight + i), TLanes.Load(_bias + i)).Store(output + i);
            }

            if (whole < _columns)
            {
                var left = _columns - whole;
                var normal = (Edge.Load<TLanes>(x + whole, left) - shift) * inverse;
                var value = TLanes.FusedMultiplyAdd(normal, Edge.Load<TLanes>(_weight + whole, left), Edge.Load<TLanes>(_bias + whole, left));
                Edge.Store(value, output + whole, left);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Mean<TLanes>(float* x)
        where TLanes : struct, ILanes<TLanes>
    {
        var sum = TLanes.Zero;
        var whole = _columns & ~15;
        for (var i = 0; i < whole; i += 16) sum += TLanes.Load(x + i);
        if (whole < _columns) sum += Edge.Load<TLanes>(x + whole, _columns - whole);
        return TLanes.Sum(sum) / _columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Variance<TLanes>(float* x, float mean)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes squares = TLanes.Zero, shift = TLanes.Broadcast(mean);
        var whole = _columns & ~15;
        for (var i = 0; i < whole; i += 16)
        {
            var difference = TLanes.Load(x + i) - shift;
            squares = TLanes.FusedMultiplyAdd(difference, difference, squares);
        }

        if (whole < _columns)
        {
            // Lanes behind the end are filled with the mean, so that their difference is zero.
            var difference = Edge.Load<TLanes>(x + whole, _columns - whole, mean) - shift;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            var offset = (long)row * _columns;
            float* gradient = _gradient + offset, x = _x + offset, output = _output + offset;
            TLanes mean = TLanes.Broadcast(_statistics[2L * row]), inverse = TLanes.Broadcast(_statistics[2L * row + 1]);
            TLanes sum = TLanes.Zero, dot = TLanes.Zero;
            int whole = _columns & ~15, left = _columns - whole;
            for (var i = 0; i < whole; i += 16)
            {
                var scaled = TLanes.Load(gradient + i) * TLanes.Load(_weight + i);
                sum += scaled;
                dot = TLanes.FusedMultiplyAdd(scaled, (TLanes.Load(x + i) - mean) * inverse, dot);
            }

            if (left > 0)
            {
                // Lanes behind the end are zero in the gradient and so in both sums.
                var scaled = Edge.Load<TLanes>(gradient + whole, left) * Edge.Load<TLanes>(_weight + whole, left);
                sum += scaled;
                dot = TLanes.FusedMultiplyAdd(scaled, (Edge.Load<TLanes>(x + whole, left) - mean) * inverse, dot);
            }

            var pulls = (TLanes.Broadcast(TLanes.Sum(sum) / _columns), TLanes.Broadcast(-(TLanes.Sum(dot) / _columns)));
            for (var i = 0; i < whole; i += 16) Put(gradient + i, x + i, i, 16, (mean, inverse), pulls, output + i);
            if (left > 0) Put(gradient + whole, x + whole, whole, left, (mean, inverse), pulls, output + whole);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TLanes>(
        float* gradient, float* x, int column, int left, (TLanes Mean, TLanes Inverse) row, (TLanes Shift, TLanes Pull) pulls, float* output)
        where TLanes : struct, ILanes<TLanes>
    {
        var scaled = Edge.Load<TLanes>(gradient, left) * Edge.Load<TLanes>(_weight + column, left) - pulls.Shift;
        var normal = (Edge.Load<TLanes>(x, left) - row.Mean) * row.Inverse;
        Edge.Put(TLanes.FusedMultiplyAdd(normal, pulls.Pull, scaled) * row.Inverse, output, left, _accumulate);
    }
}

/// <summary>dw += sum over rows of dy * n, db += sum over rows of dy, one chain over the rows each, going on from what is there. An item is 16 columns.</summary>
internal readonly unsafe struct LayerNormWeightGradient(float* gradient, float* x, float* statistics, int rows, int columns) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _statistics = statistics;
    private readonly int _rows = rows, _columns = columns;

    internal required float* WeightGradient { get; init; }

    internal required float* BiasGradient { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        int group = first, whole = Math.Min(end, _columns / 16);
        for (; group + 2 <= whole; group += 2) Two<TLanes>(group * 16);
        for (; group < end; group++) One<TLanes>(group * 16);
    }

    /// <summary>Two groups side by side, so that what is read of a row is whole pairs of cache lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Two<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        float* weight = WeightGradient + column, bias = BiasGradient + column;
        TLanes weight0 = TLanes.Load(weight), bias0 = TLanes.Load(bias), weight1 = TLanes.Load(weight + 16), bias1 = TLanes.Load(bias + 16);
        float* x = _x + column, from = _gradient + column;
        for (var row = 0; row < _rows; row++, x += _columns, from += _columns)
        {
            TLanes mean = TLanes.Broadcast(_statistics[2L * row]), inverse = TLanes.Broadcast(_statistics[2L * row + 1]);
            TLanes gradient0 = TLanes.Load(from), gradient1 = TLanes.Load(from + 16);
            weight0 = TLanes.FusedMultiplyAdd(gradient0, (TLanes.Load(x) - mean) * inverse, weight0);
            weight1 = TLanes.FusedMultiplyAdd(gradient1, (TLanes.Load(x + 16) - mean) * inverse, weight1);
            bias0 += gradient0;
            bias1 += gradient1;
        }

        weight0.Store(weight);
        weight1.Store(weight + 16);
        bias0.Store(bias);
        bias1.Store(bias + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        var left = _columns - column;
        TLanes weight = Edge.Load<TLanes>(WeightGradient + column, left), bias = Edge.Load<TLanes>(BiasGradient + column, left);
        for (var row = 0; row < _rows; row++)
        {
            var offset = (long)row * _columns + column;
            var gradient = Edge.Load<TLanes>(_gradient + offset, left);
            var normal = (Edge.Load<TLanes>(_x + offset, left) - TLanes.Broadcast(_statistics[2L * row])) * TLanes.Broadcast(_statistics[2L * row + 1]);
            weight = TLanes.FusedMultiplyAdd(gradient, normal, weight);
            bias += gradient;
        }

        Edge.Store(weight, WeightGradient + column, left);
        Edge.Store(bias, BiasGradient + column, left);
    }
}
