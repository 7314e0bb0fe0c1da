using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>output = a + b; the output may be one of them. An item is 16 elements.</summary>
internal readonly unsafe struct AddKernel(float* a, float* b, float* output, long count) : IKernel
{
    private readonly float* _a = a, _b = b, _output = output;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16) (TLanes.Load(_a + i) + TLanes.Load(_b + i)).Store(_output + i);
        var left = Math.Min(end * 16L, _count) - i;
        if (left > 0) Edge.Store(Edge.Load<TLanes>(_a + i, left) + Edge.Load<TLanes>(_b + i, left), _output + i, left);
    }
}

/// <summary>output = a + factor * b with one rounding; the output may be one of them. An item is 16 elements.</summary>
internal readonly unsafe struct AddScaledKernel(float* a, float* b, float factor, float* output, long count) : IKernel
{
    private readonly float* _a = a, _b = b, _output = output;
    private readonly float _factor = factor;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var factor = TLanes.Broadcast(_factor);
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16) TLanes.FusedMultiplyAdd(TLanes.Load(_b + i), factor, TLanes.Load(_a + i)).Store(_output + i);
        var left = Math.Min(end * 16L, _count) - i;
        if (left > 0) Edge.Store(TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(_b + i, left), factor, Edge.Load<TLanes>(_a + i, left)), _output + i, left);
    }
}

/// <summary>target *= factor. An item is 16 elements.</summary>
internal readonly unsafe struct ScaleKernel(float* target, float factor, long count) : IKernel
{
    private readonly float* _target = target;
    private readonly float _factor = factor;
    private readonly long _count = count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var factor = TLanes.Broadcast(_factor);
        long i = first * 16L, whole = Edge.Whole(end, _count);
        for (; i < whole; i += 16) (TLanes.Load(_target + i) * factor).Store(_target + i);
        var left = Math.Min(end * 16L, _count) - i;
        if (left > 0) Edge.Store(Edge.Load<TLanes>(_target + i, left) * factor, _target + i, left);
    }
}

/// <summary>partials[item] = sum of squares of the item's 4096 elements: 16 lanes, then the fixed tree.</summary>
internal readonly unsafe struct SquaredNormKernel(float* values, long count, float[] partials) : IKernel
{
    internal const int ItemLength = 4096;

    private readonly float* _values = values;
    private readonly long _count = count;
    private readonly float[] _partials = partials;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var item = first; item < end; item++)
        {
            var stop = Math.Min(_count, (item + 1L) * ItemLength);
            var squares = TLanes.Zero;
            var i = (long)item * ItemLength;
            for (; i + 16 <= stop; i += 16)
            {
                var value = TLanes.Load(_values + i);
                squares = TLanes.FusedMultiplyAdd(value, value, squares);
            }

            if (i < stop)
            {
                var value = Edge.Load<TLanes>(_values + i, stop - i);
                squares = TLanes.FusedMultiplyAdd(value, value, squares);
            }

            _partials[item] = TLanes.Sum(squares);
        }
    }
}
