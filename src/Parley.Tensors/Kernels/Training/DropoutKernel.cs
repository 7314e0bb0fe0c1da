using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// output = or += x / (1 - rate) where an element is kept. Four neighbouring columns share one Philox number of four words: a word of which the upper 24 bits are
/// below rate * 2^24 drops its element. An item is a row.
/// </summary>
internal readonly unsafe struct DropoutKernel(float* x, DropoutMask mask, int columns, float* output, bool accumulate) : IKernel
{
    private readonly float* _x = x, _output = output;
    private readonly DropoutMask _mask = mask;
    private readonly int _columns = columns;
    private readonly bool _accumulate = accumulate;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var factors = stackalloc float[16];
        var scale = 1 / (1 - _mask.Rate);
        var limit = (uint)(_mask.Rate * (1 << 24));
        var perRow = (ulong)(_columns + 3) / 4;
        for (var row = first; row < end; row++)
        {
            var offset = (long)row * _columns;
            for (var i = 0; i < _columns; i += 16)
            {
                for (var four = 0; four < 4; four++)
                {
                    var place = ((ulong)(_mask.FirstRow + row) * perRow) + (ulong)(i / 4 + four);
                    var (a, b, c, d) = Philox.Next(_mask.Seed, _mask.Stream, place);
                    factors[4 * four] = a >> 8 < limit ? 0 : scale;
                    factors[4 * four + 1] = b >> 8 < limit ? 0 : scale;
                    factors[4 * four + 2] = c >> 8 < limit ? 0 : scale;
                    factors[4 * four + 3] = d >> 8 < limit ? 0 : scale;
                }

                var left = _columns - i;
                Edge.Put(Edge.Load<TLanes>(_x + offset + i, left) * TLanes.Load(factors), _output + offset + i, left, _accumulate);
            }
        }
    }
}
