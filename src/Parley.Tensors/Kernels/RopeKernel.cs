using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Turns each pair (a, b) of a head to (a cos - b sin, b cos + a sin); backwards, with the sine's sign changed, it is its own gradient.
/// An item is a row of all heads.
/// </summary>
internal readonly unsafe struct RopeKernel(RotaryTable table, ReadOnlyMemory<int> positions, int heads, bool backward, bool accumulate) : IKernel
{
    private readonly float* _cosines = table.Cosines.Pointer, _sines = table.Sines.Pointer;
    private readonly int _half = table.RotaryDim / 2, _headDim = table.HeadDim;
    private readonly bool _neox = table.Style == RotaryStyle.Neox;
    private readonly float _sign = backward ? -1 : 1;
    private readonly ReadOnlyMemory<int> _positions = positions;
    private readonly int _heads = heads;
    private readonly bool _accumulate = accumulate;

    /// <summary>[T, heads * headDim]</summary>
    internal required float* Input { get; init; }

    /// <summary>[T, heads * headDim], the input itself where nothing is accumulated.</summary>
    internal required float* Output { get; init; }

    /// <summary>[headDim], when each head is to be normalised before it is turned; null for none.</summary>
    internal float* Norm { get; init; }

    internal float Epsilon { get; init; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var positions = _positions.Span;
        for (var row = first; row < end; row++)
        {
            float* cosines = _cosines + (long)positions[row] * _half, sines = _sines + (long)positions[row] * _half;
            for (var head = 0; head < _heads; head++)
            {
                var offset = ((long)row * _heads + head) * _headDim;
                float* input = Input + offset, output = Output + offset;
                if (Norm is not null)
                {
                    RmsNormForward.Row<TLanes>(input, Norm, Epsilon, _headDim, output);
                    input = output;
                }

                if (_neox) TurnHalves<TLanes>(input, output, cosines, sines);
                else TurnNeighbours(input, output, cosines, sines);
                if (input != output) Pass<TLanes>(input, output);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TurnHalves<TLanes>(float* input, float* output, float* cosines, float* sines)
        where TLanes : struct, ILanes<TLanes>
    {
        var sign = TLanes.Broadcast(_sign);
        var i = 0;
        for (; i + 16 <= _half && !_accumulate; i += 16)
        {
            TLanes a = TLanes.Load(input + i), b = TLanes.Load(input + _half + i), cosine = TLanes.Load(cosines + i), sine = TLanes.Load(sines + i) * sign;
            TLanes.FusedMultiplyAdd(a, cosine, TLanes.Zero - b * sine).Store(output + i);
            TLanes.FusedMultiplyAdd(b, cosine, a * sine).Store(output + _half + i);
        }

        for (; i < _half; i += 16)
        {
            var left = _half - i;
            TLanes a = Edge.Load<TLanes>(input + i, left), b = Edge.Load<TLanes>(input + _half + i, left);
            TLanes cosine = Edge.Load<TLanes>(cosines + i, left), sine = Edge.Load<TLanes>(sines + i, left) * sign;
            Edge.Put(TLanes.FusedMultiplyAdd(a, cosine, TLanes.Zero - b * sine), output + i, left, _accumulate);
            Edge.Put(TLanes.FusedMultiplyAdd(b, cosine, a * sine), output + _half + i, left, _accumulate);
        }
    }

    /// <summary>What lies behind the turned part of a head goes through as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pass<TLanes>(float* input, float* output)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var i = 2 * _half; i < _headDim; i += 16) Edge.Put(Edge.Load<TLanes>(input + i, _headDim - i), output + i, _headDim - i, _accumulate);
    }

    // Scalar at every width: pairs would have to be unzipped, and the product's own files are stored in halves.
    private void TurnNeighbours(float* input, float* output, float* cosines, float* sines)
    {
        for (var i = 0; i < _half; i++)
        {
            float a = input[2 * i], b = input[2 * i + 1], cosine = cosines[i], sine = sines[i] * _sign;
            var (x, y) = (MathF.FusedMultiplyAdd(a, cosine, 0f - b * sine), MathF.FusedMultiplyAdd(b, cosine, a * sine));
            (output[2 * i], output[2 * i + 1]) = _accumulate ? (output[2 * i] + x, output[2 * i + 1] + y) : (x, y);
        }
    }
}
