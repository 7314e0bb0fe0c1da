using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>output[t] = table[index[t]], decoded to F32 where the table is stored smaller. An item is a row.</summary>
internal readonly unsafe struct GatherKernel(Tensor table, ReadOnlyMemory<int> indices, float* output) : IKernel
{
    private readonly byte* _table = table.Address;
    private readonly DType _type = table.DType;
    private readonly int _columns = table.Shape.Last;
    private readonly ReadOnlyMemory<int> _indices = indices;
    private readonly float* _output = output;

    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var indices = _indices.Span;
        var bytes = DTypes.ByteCount(_type, _columns);
        for (var row = first; row < end; row++)
        {
            var source = new ReadOnlySpan<byte>(_table + indices[row] * bytes, (int)bytes);
            DTypes.Decode(_type, source, new Span<float>(_output + (long)row * _columns, _columns));
        }
    }
}

/// <summary>table[index[t]] += rows[t], in the order of t. An item is 16 columns, so that no two workers meet in a row.</summary>
internal readonly unsafe struct ScatterAddKernel(float* rows, ReadOnlyMemory<int> indices, int columns, float* table) : IKernel
{
    private readonly float* _rows = rows, _table = table;
    private readonly ReadOnlyMemory<int> _indices = indices;
    private readonly int _columns = columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var indices = _indices.Span;
        for (var row = 0; row < indices.Length; row++)
        {
            float* source = _rows + (long)row * _columns, target = _table + (long)indices[row] * _columns;
            for (var column = first * 16; column < Math.Min(end * 16, _columns); column += 16)
            {
                Edge.Put(Edge.Load<TLanes>(source + column, _columns - column), target + column, _columns - column, accumulate: true);
            }
        }
    }
}
