namespace Parley.Tensors.Kernels;

/// <summary>target[column] += the sum of a matrix's column: one chain of additions over the rows from 0, then added once.</summary>
internal static unsafe class ColumnSum
{
    public static void Add(ComputeContext context, float* matrix, int rows, int columns, float* target)
    {
        int chunks = (columns + 15) / 16;
        switch (context.Kernels)
        {
            case KernelSet.Vector512: context.Workers.Run(new Work<Lanes512>(matrix, rows, columns, target), chunks); break;
            case KernelSet.Vector256: context.Workers.Run(new Work<Lanes256>(matrix, rows, columns, target), chunks); break;
            case KernelSet.Vector128: context.Workers.Run(new Work<Lanes128>(matrix, rows, columns, target), chunks); break;
            default: context.Workers.Run(new Work<LanesScalar>(matrix, rows, columns, target), chunks); break;
        }
    }

    private readonly struct Work<TLanes>(float* matrix, int rows, int columns, float* target) : IWork
        where TLanes : struct, ILanes<TLanes>
    {
        public void Execute(int chunk)
        {
            int column = chunk * 16;
            int count = Math.Min(16, columns - column);
            TLanes sum = TLanes.Zero;
            for (int row = 0; row < rows; row++)
            {
                float* from = matrix + (long)row * columns + column;
                sum += count == 16 ? TLanes.Load(from) : LanesMath.LoadPartial<TLanes>(from, count);
            }

            float* to = target + column;
            LanesMath.StorePartial(LanesMath.LoadPartial<TLanes>(to, count) + sum, to, count);
        }
    }
}
