namespace Parley.Tensors.Kernels;

/// <summary>
/// Cuts stored BF16 rows [N, K] into <see cref="BFloat16Panels"/>; a chunk is some panels. The stored pages that were read are given back.
/// </summary>
internal readonly unsafe struct BFloat16Repack(Tensor source, BFloat16Panels target, int panelsPerChunk) : IWork
{
    private const int Width = Panels.ColumnWidth;
    private const int Block = 8;

    private readonly byte* _source = source.Address;
    private readonly Storage _storage = source.Place.Storage;

    private long RowBytes => target.Inputs * (long)sizeof(ushort);

    public void Execute(int chunk)
    {
        int end = Math.Min(target.PanelCount, (chunk + 1) * panelsPerChunk);
        for (int panel = chunk * panelsPerChunk; panel < end; panel++)
        {
            Cut(panel);
        }

        long firstRow = (long)chunk * panelsPerChunk * Width;
        _storage.Drop(_source + firstRow * RowBytes, (Math.Min(target.Count, (long)end * Width) - firstRow) * RowBytes);
    }

    private void Cut(int panel)
    {
        int first = panel * Width;
        int count = Math.Min(Width, target.Count - first);
        uint* to = (uint*)target.Panel(panel);
        ushort* from = (ushort*)(_source + first * RowBytes);
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
