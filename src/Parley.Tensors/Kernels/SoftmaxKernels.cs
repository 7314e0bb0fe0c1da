using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>Largest element and sum of exponentials of a row, in the fixed order: what softmax and cross-entropy share.</summary>
internal static unsafe class RowSoftmax
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Maximum<TLanes>(float* row, int columns)
        where TLanes : struct, ILanes<TLanes>
    {
        var largest = TLanes.Broadcast(float.NegativeInfinity);
        var whole = columns & ~15;
        for (var i = 0; i < whole; i += 16) largest = TLanes.Max(largest, TLanes.Load(row + i));
        if (whole < columns) largest = TLanes.Max(largest, Edge.Load<TLanes>(row + whole, columns - whole, float.NegativeInfinity));

        return TLanes.Largest(largest);
    }

    /// <summary>row = exp(row - maximum); returns the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Exponentials<TLanes>(float* row, int columns, float maximum)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.Zero, shift = TLanes.Broadcast(maximum);
        var whole = columns & ~15;
        for (var i = 0; i < whole; i += 16)
        {
            var value = LanesMath.Exp(TLanes.Load(row + i) - shift);
            value.Store(row + i);
            sum += value;
        }

        if (whole < columns)
        {
            var value = LanesMath.Exp(Edge.Load<TLanes>(row + whole, columns - whole, float.NegativeInfinity) - shift);
            Edge.Store(value, row + whole, columns - whole);
            sum += value;
        }

        return TLanes.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Scale<TLanes>(float* row, int columns, float factor)
        where TLanes : struct, ILanes<TLanes>
    {
        var factors = TLanes.Broadcast(factor);
        var whole = columns & ~15;
        for (var i = 0; i < whole; i += 16) (TLanes.Load(row + i) * factors).Store(row + i);
        if (whole < columns) Edge.Store(Edge.Load<TLanes>(row + whole, columns - whole) * factors, row + whole, columns - whole);
    }
}

/// <summary>Each row becomes its softmax. An item is a row.</summary>
internal readonly unsafe struct SoftmaxKernel(float* rows, int columns) : IKernel
{
    private readonly float* _rows = rows;
    private readonly int _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var index = first; index < end; index++)
        {
            var row = _rows + (long)index * _columns;
            var sum = RowSoftmax.Exponentials<TLanes>(row, _columns, RowSoftmax.Maximum<TLanes>(row, _columns));
            RowSoftmax.Scale<TLanes>(row, _columns, 1 / sum);
        }
    }
}

/// <summary>
/// losses[t] = -log softmax(logits[t])[target[t]], and the logits become the gradient of factor[t] * loss[t]:
/// factor * (softmax - onehot). An item is a row.
/// </summary>
internal readonly unsafe struct CrossEntropyKernel(float* logits, int columns, ReadOnlyMemory<int> targets, Memory<double> losses) : IKernel
{
    private readonly float* _logits = logits;
    private readonly int _columns = columns;
    private readonly ReadOnlyMemory<int> _targets = targets;
    private readonly Memory<double> _losses = losses;

    /// <summary>Per row, what its loss is multiplied by; default when no gradient is wanted.</summary>
    internal ReadOnlyMemory<float> Factors { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var targets = _targets.Span;
        var losses = _losses.Span;
        var factors = Factors.Span;
        for (var index = first; index < end; index++)
        {
            var row = _logits + (long)index * _columns;
            var maximum = RowSoftmax.Maximum<TLanes>(row, _columns);
            var distance = (double)maximum - row[targets[index]];
            var sum = RowSoftmax.Exponentials<TLanes>(row, _columns, maximum);
            losses[index] = Math.Log(sum) + distance;
            if (factors.IsEmpty) continue;
            RowSoftmax.Scale<TLanes>(row, _columns, factors[index] / sum);
            row[targets[index]] -= factors[index];
        }
    }
}
