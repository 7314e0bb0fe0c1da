namespace Parley.Tensors.Kernels;

/// <summary>
/// target[column] += the sum of a matrix's column: one chain of additions over the rows from 0, then added once. An item is a
/// group of sixteen columns.
/// </summary>
internal readonly unsafe struct ColumnSum(float* matrix, int rows, int columns, float* target) : IKernel
{
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int group = first; group < end; group++)
        {
            int column = group * ILanes<TLanes>.Count;
            TLanes sum = TLanes.Zero;
            for (int row = 0; row < rows; row++)
            {
                sum += Edge.Load<TLanes>(matrix + (long)row * columns + column, columns - column);
            }

            Edge.Put(sum, target + column, columns - column, accumulate: true);
        }
    }
}
