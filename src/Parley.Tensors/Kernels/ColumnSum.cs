using System.Runtime.CompilerServices;

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
        int group = first, whole = Math.Min(end, columns / ILanes<TLanes>.Count);
        for (; group + 4 <= whole; group += 4)
        {
            Four<TLanes>(group * ILanes<TLanes>.Count);
        }

        for (; group < end; group++)
        {
            One<TLanes>(group * ILanes<TLanes>.Count);
        }
    }

    /// <summary>Four groups side by side, so that what is read of a row is a few whole cache lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Four<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum0 = TLanes.Zero, sum1 = TLanes.Zero, sum2 = TLanes.Zero, sum3 = TLanes.Zero;
        float* from = matrix + column;
        for (int row = 0; row < rows; row++, from += columns)
        {
            sum0 += TLanes.Load(from);
            sum1 += TLanes.Load(from + 16);
            sum2 += TLanes.Load(from + 32);
            sum3 += TLanes.Load(from + 48);
        }

        (TLanes.Load(target + column) + sum0).Store(target + column);
        (TLanes.Load(target + column + 16) + sum1).Store(target + column + 16);
        (TLanes.Load(target + column + 32) + sum2).Store(target + column + 32);
        (TLanes.Load(target + column + 48) + sum3).Store(target + column + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.Zero;
        for (int row = 0; row < rows; row++)
        {
            sum += Edge.Load<TLanes>(matrix + (long)row * columns + column, columns - column);
        }

        Edge.Put(sum, target + column, columns - column, accumulate: true);
    }
}
