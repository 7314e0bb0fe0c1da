namespace Parley.Tensors.Kernels;

/// <summary>output[T, N] = rows . weights (+ bias) for few rows with managed tiles; a chunk is some groups of 16 outputs.</summary>
/// <param name="rounded">[T, depth] as <see cref="BFloat16Rounding.Swap"/> made it, with three more rows of room behind.</param>
internal readonly unsafe struct FewRowsBFloat16Work<TLanes>(BFloat16Product product, nint rounded, int rows, int groupsPerChunk) : IWork
    where TLanes : struct, ILanes<TLanes>
{
    private const int Width = Panels.ColumnWidth;

    private readonly BFloat16Panels _weights = product.Weight;

    public void Execute(int chunk)
    {
        int end = Math.Min(_weights.PanelCount, (chunk + 1) * groupsPerChunk);
        float* sums = stackalloc float[BFloat16Tiles<TLanes>.Rows * Width];
        for (int group = chunk * groupsPerChunk; group < end; group++)
        {
            if (rows == 1)
            {
                BFloat16Tiles<TLanes>.Row1Group1((float*)rounded, (uint*)_weights.Panel(group), _weights.Depth, sums);
                Put(sums, 0, group);
                continue;
            }

            for (int row = 0; row < rows; row += BFloat16Tiles<TLanes>.Rows)
            {
                float* from = (float*)rounded + (long)row * _weights.Depth;
                BFloat16Tiles<TLanes>.Rows4Group1(from, _weights.Depth, (uint*)_weights.Panel(group), _weights.Depth, sums);
                for (int i = 0; i < Math.Min(BFloat16Tiles<TLanes>.Rows, rows - row); i++)
                {
                    Put(sums + i * Width, row + i, group);
                }
            }
        }
    }

    private void Put(float* sums, int row, int group)
    {
        int column = group * Width, left = _weights.Count - column;
        TLanes value = TLanes.Load(sums);
        value = product.Bias == 0 ? value : value + Edge.Load<TLanes>((float*)product.Bias + column, left);
        Edge.Store(value, (float*)product.Output + (long)row * _weights.Count + column, left);
    }
}
