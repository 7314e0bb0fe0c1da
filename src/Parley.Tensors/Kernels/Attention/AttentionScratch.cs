namespace Parley.Tensors.Kernels;

/// <summary>A worker's stack memory for one item of attention, cut into its parts; every part begins at a cache line. Knows no order of work.</summary>
internal readonly unsafe struct AttentionScratch
{
    private const int Lines = AttentionForward.MostRows; // a number per row

    /// <param name="buffer">So many floats as <see cref="Floats"/> says.</param>
    /// <param name="rows">The most rows an item has: at most <see cref="AttentionForward.DirectRows"/> read the cache directly, more need tiles.</param>
    internal AttentionScratch(float* buffer, in CacheLayout layout, int rows)
    {
        float* Take(int floats)
        {
            var part = buffer;
            buffer += (floats + 15) / 16 * 16;
            return part;
        }

        Positions = (int*)Take(Lines);
        Maxima = Take(Lines);
        Sums = Take(Lines);
        Factors = Take(Lines);
        Largest = Take(Lines);
        Totals = Take(Lines);
        Lanes = Take(Tile.Keys);
        for (var i = 0; i < Tile.Keys; i++) Lanes[i] = i;
        Queries = Take(Padded(rows) * layout.Width);
        Outputs = Take(Padded(rows) * layout.Width);
        Scores = Take(Padded(rows) * Tile.Keys);
        Scales = Take(layout.ScaleGroups * Tile.Keys);
        if (rows <= AttentionForward.DirectRows) return;
        Keys = Take(layout.HeadDim * Tile.Keys);
        Values = Take(Tile.Keys * layout.Width);
    }

    /// <summary>The last key that each row sees: its own position, or the last of all.</summary>
    internal int* Positions { get; }

    /// <summary>Per row the largest score of all tiles so far.</summary>
    internal float* Maxima { get; }

    /// <summary>Per row the sum of weights of all tiles so far.</summary>
    internal float* Sums { get; }

    /// <summary>Per row what makes what was summed before relative to the new maximum.</summary>
    internal float* Factors { get; }

    /// <summary>Per row the largest score of this tile.</summary>
    internal float* Largest { get; }

    /// <summary>Per row the sum of this tile's weights.</summary>
    internal float* Totals { get; }

    /// <summary>0, 1 .. 63, to compare with the number of keys that are not masked.</summary>
    internal float* Lanes { get; }

    /// <summary>[rows][width], the item's queries.</summary>
    internal float* Queries { get; }

    /// <summary>[rows][width], not yet normalised.</summary>
    internal float* Outputs { get; }

    /// <summary>[rows][64], scores and then weights.</summary>
    internal float* Scores { get; }

    /// <summary>[blocks of 32 of the head dim][64], the scales of a tile's values when they are read directly.</summary>
    internal float* Scales { get; }

    /// <summary>[head dim][64], a tile of keys.</summary>
    internal float* Keys { get; }

    /// <summary>[64][width], a tile of values.</summary>
    internal float* Values { get; }

    /// <summary>Nothing seen yet in any row.</summary>
    internal void Reset()
    {
        new Span<float>(Maxima, Lines).Fill(float.NegativeInfinity);
        new Span<float>(Sums, 4 * Lines).Clear(); // factors, largest and totals follow: no lane may hold what was there before
    }

    /// <summary>Rows with those that fill up the last group of eight.</summary>
    internal static int Padded(int rows) => (rows + 7) / 8 * 8;

    internal static int Floats(in CacheLayout layout, int rows)
    {
        var few = 6 * Lines + Tile.Keys + Padded(rows) * (2 * layout.Width + Tile.Keys) + layout.ScaleGroups * Tile.Keys;
        return rows <= AttentionForward.DirectRows ? few : few + Tile.Keys * (layout.HeadDim + layout.Width);
    }
}
