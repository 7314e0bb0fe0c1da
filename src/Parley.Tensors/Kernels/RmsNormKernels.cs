using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>y = x / sqrt(mean(x^2) + epsilon) * weight (arXiv:1910.07467). An item is a row; 1 / sqrt(...) is kept for the backward pass.</summary>
internal readonly unsafe struct RmsNormForward(float* x, float* weight, float epsilon, int columns, float* output, float* inverse) : IKernel
{
    private readonly float* _x = x, _weight = weight, _output = output, _inverse = inverse;
    private readonly float _epsilon = epsilon;
    private readonly int _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = first; row < end; row++)
        {
            _inverse[row] = Row<TLanes>(_x + (long)row * _columns, _weight, _epsilon, _columns, _output + (long)row * _columns);
        }
    }

    /// <summary>One row; the output may be x itself. Returns 1 / sqrt(...).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static float Row<TLanes>(float* x, float* weight, float epsilon, int columns, float* output)
        where TLanes : struct, ILanes<TLanes>
    {
        // The edge apart: a call inside the loop would keep everything in memory.
        int whole = columns & ~15, left = columns - whole;
        var squares = TLanes.Zero;
        for (var i = 0; i < whole; i += 16) squares = TLanes.FusedMultiplyAdd(TLanes.Load(x + i), TLanes.Load(x + i), squares);
        if (left > 0)
        {
            var value = Edge.Load<TLanes>(x + whole, left);
            squares = TLanes.FusedMultiplyAdd(value, value, squares);
        }

        var inverse = 1 / MathF.Sqrt(TLanes.Sum(squares) / columns + epsilon);
        var factor = TLanes.Broadcast(inverse);
        for (var i = 0; i < whole; i += 16) (TLanes.Load(x + i) * factor * TLanes.Load(weight + i)).Store(output + i);
        if (left > 0) Edge.Store(Edge.Load<TLanes>(x + whole, left) * factor * Edge.Load<TLanes>(weight + whole, left), output + whole, left);
        return inverse;
    }
}

/// <summary>dx = inverse * (w dy) - x * inverse^3 / D * sum(w dy x). An item is a row.</summary>
internal readonly unsafe struct RmsNormInputGradient(
    float* gradient, float* x, float* weight, float* inverse, int columns, float* output, bool accumulate) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _weight = weight, _inverse = inverse, _output = output;
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
            var dot = TLanes.Zero;
            int whole = _columns & ~15, left = _columns - whole;
            for (var i = 0; i < whole; i += 16)
            {
                dot = TLanes.FusedMultiplyAdd(TLanes.Load(gradient + i) * TLanes.Load(_weight + i), TLanes.Load(x + i), dot);
            }

            if (left > 0)
            {
                var scaled = Edge.Load<TLanes>(gradient + whole, left) * Edge.Load<TLanes>(_weight + whole, left);
                dot = TLanes.FusedMultiplyAdd(scaled, Edge.Load<TLanes>(x + whole, left), dot);
            }

            var inverse = _inverse[row];
            TLanes factor = TLanes.Broadcast(inverse), pull = TLanes.Broadcast(-(inverse * inverse * inverse * TLanes.Sum(dot) / _columns));
            for (var i = 0; i < whole; i += 16) Put(gradient + i, x + i, i, 16, (factor, pull), output + i);
            if (left > 0) Put(gradient + whole, x + whole, whole, left, (factor, pull), output + whole);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TLanes>(float* gradient, float* x, int column, int left, (TLanes Factor, TLanes Pull) row, float* output)
        where TLanes : struct, ILanes<TLanes>
    {
        var scaled = Edge.Load<TLanes>(gradient, left) * Edge.Load<TLanes>(_weight + column, left);
        Edge.Put(TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(x, left), row.Pull, scaled * row.Factor), output, left, _accumulate);
    }
}

/// <summary>dw += sum over rows of dy * x * inverse, one chain over the rows that goes on from what is there. An item is 16 columns.</summary>
internal readonly unsafe struct RmsNormWeightGradient(
    float* gradient, float* x, float* inverse, int rows, int columns, float* weightGradient) : IKernel
{
    private readonly float* _gradient = gradient, _x = x, _inverse = inverse, _weightGradient = weightGradient;
    private readonly int _rows = rows, _columns = columns;

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
        float* x = _x + column, gradient = _gradient + column, to = _weightGradient + column;
        TLanes sum0 = TLanes.Load(to), sum1 = TLanes.Load(to + 16);
        for (var row = 0; row < _rows; row++, x += _columns, gradient += _columns)
        {
            var inverse = TLanes.Broadcast(_inverse[row]);
            sum0 = TLanes.FusedMultiplyAdd(TLanes.Load(gradient), TLanes.Load(x) * inverse, sum0);
            sum1 = TLanes.FusedMultiplyAdd(TLanes.Load(gradient + 16), TLanes.Load(x + 16) * inverse, sum1);
        }

        sum0.Store(to);
        sum1.Store(to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        var left = _columns - column;
        var sum = Edge.Load<TLanes>(_weightGradient + column, left);
        for (var row = 0; row < _rows; row++)
        {
            var offset = (long)row * _columns + column;
            var normal = Edge.Load<TLanes>(_x + offset, left) * TLanes.Broadcast(_inverse[row]);
            sum = TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(_gradient + offset, left), normal, sum);
        }

        Edge.Store(sum, _weightGradient + column, left);
    }
}
