namespace Parley.Tensors.Kernels;

/// <summary>Cuts stored BF16 rows [N, K] into <see cref="BFloat16Panels"/>; a chunk is one panel.</summary>
internal readonly unsafe struct BFloat16Repack(nint rows, BFloat16Panels target) : IWork
{
    private const int Width = Panels.ColumnWidth;
    private const int Block = 8;

    public void Execute(int chunk)
    {
        int first = chunk * Width;
        int count = Math.Min(Width, target.Count - first);
        uint* to = (uint*)target.Panel(chunk);
        ushort* from = (ushort*)rows + (long)first * target.Inputs;
        int pair = 0;
        if (count == Width && target.Inputs % 2 == 0)
        {
            // Pairs move as if they were floats: eight rows by eight pairs at a time.
            for (; pair + Block <= target.Pairs; pair += Block)
            {
                Transpose.Block8((float*)from + pair, target.Pairs, (float*)to + (long)pair * Width, Width);
                Transpose.Block8((float*)from + Block * target.Pairs + pair, target.Pairs, (float*)to + (long)pair * Width + Block, Width);
            }
        }

        for (; pair < target.Pairs; pair++)
        {
            for (int column = 0; column < Width; column++)
            {
                to[(long)pair * Width + column] = column < count ? Pair(from + (long)column * target.Inputs, pair) : 0;
            }
        }
    }

    private uint Pair(ushort* row, int pair)
    {
        int k = pair * 2;
        return row[k] | (k + 1 < target.Inputs ? (uint)row[k + 1] << 16 : 0);
    }
}
