using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// target[column] += the sum of a matrix's column: one chain of additions over the rows that goes on from the target, so that rows may come in
/// several calls. An item is a group of sixteen columns.
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
        float* to = target + column;
        TLanes sum0 = TLanes.Load(to), sum1 = TLanes.Load(to + 16), sum2 = TLanes.Load(to + 32), sum3 = TLanes.Load(to + 48);
        float* from = matrix + column;
        for (int row = 0; row < rows; row++, from += columns)
        {
            sum0 += TLanes.Load(from);
            sum1 += TLanes.Load(from + 16);
            sum2 += TLanes.Load(from + 32);
            sum3 += TLanes.Load(from + 48);
        }

        sum0.Store(to);
        sum1.Store(to + 16);
        sum2.Store(to + 32);
        sum3.Store(to + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void One<TLanes>(int column)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = Edge.Load<TLanes>(target + column, columns - column);
        for (int row = 0; row < rows; row++)
        {
            sum += Edge.Load<TLanes>(matrix + (long)row * columns + column, columns - column);
        }

        Edge.Store(sum, target + column, columns - column);
    }
}
