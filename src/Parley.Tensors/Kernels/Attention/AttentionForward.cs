using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Causal or bidirectional attention with grouped heads in tiles of 64 keys whose borders depend only on position, merged in order by the online softmax
/// (arXiv:2205.14135): the T x T scores are never stored. An item is up to 128 (position, head) rows of one sequence that share a kv head.
/// Many rows multiply a tile that was read into floats once (<see cref="TileProducts{TLanes}"/>); few, as in decode, multiply what lies in the
/// cache (<see cref="DirectProducts{TLanes,TFormat}"/>). Both sum in the same order, so a row's bits do not depend on its company.
/// </summary>
internal readonly unsafe struct AttentionForward : IKernel
{
    /// <summary>The most query rows in an item: so many share the reading of a tile.</summary>
    internal const int MostRows = 128;

    /// <summary>Up to so many rows reading a tile into floats first costs more than it saves.</summary>
    internal const int DirectRows = 4;

    /// <summary>How many positions ahead queries and outputs are fetched: a kv head's share of each is a short piece of a long row.</summary>
    private const int FetchPositions = 4;

    internal required AttentionRows Rows { get; init; }

    internal required KeyValueSource Source { get; init; }

    /// <summary>[T, heads * headDim]</summary>
    internal required float* Queries { get; init; }

    /// <summary>[T, heads * headDim]</summary>
    internal required float* Output { get; init; }

    /// <summary>[T, heads] the largest scaled score of each row, for the backward pass.</summary>
    internal required float* Maxima { get; init; }

    /// <summary>[T, heads] 1 / sum of exp(score - maximum); with the maximum this is the row's log-sum-exp.</summary>
    internal required float* Normalisers { get; init; }

    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        switch (Source.Type)
        {
            case DType.F32: Execute<TLanes, SingleFormat>(first, end); break;
            case DType.F16: Execute<TLanes, HalfFormat>(first, end); break;
            case DType.BF16: Execute<TLanes, BFloat16Format>(first, end); break;
            default: Execute<TLanes, ByteFormat>(first, end); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining), SkipLocalsInit]
    private void Execute<TLanes, TFormat>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
        where TFormat : struct, ICacheFormat
    {
        var rows = Source.IsPaged && Rows.MostRows <= DirectRows ? DirectRows : Rows.ItemRows;
        var buffer = stackalloc float[AttentionScratch.Floats(Source.Layout, rows) + Tile.Slack];
        var scratch = new AttentionScratch(Tile.Align(buffer), Source.Layout, rows);
        var next = Rows.Item(first);
        for (var index = first; index < end; index++)
        {
            var item = next;
            next = Rows.Item(Math.Min(index + 1, end - 1));
            Attend<TLanes, TFormat>(item, next, scratch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Attend<TLanes, TFormat>(in AttentionItem item, in AttentionItem next, in AttentionScratch scratch)
        where TLanes : struct, ILanes<TLanes>
        where TFormat : struct, ICacheFormat
    {
        Begin<TLanes>(item, scratch);
        var heads = stackalloc byte*[2 * Tile.Blocks]; // of this tile, and of the tile to fetch ahead
        var direct = Source.IsPaged && item.Rows <= DirectRows;
        var last = item.LastPosition;
        for (var start = FirstTile(item); start <= last; start += Tile.Keys)
        {
            var ahead = start + Tile.Keys;
            Source.Locate(item, start, heads);
            if (ahead <= last) Source.Locate(item, ahead, heads + Tile.Blocks);
            else Source.Locate(next, FirstTile(next), heads + Tile.Blocks);
            if (direct)
            {
                DirectProducts<TLanes, TFormat>.Scores(item.Rows, scratch, Source.Layout, heads);
                AttentionSoftmax<TLanes>.Run(item.Rows, scratch, start, Rows.Settings);
                DirectProducts<TLanes, TFormat>.Values(item.Rows, scratch, Source.Layout, heads, Math.Min(Tile.Keys, last - start + 1));
                continue;
            }

            Source.Read<TLanes, TFormat>(item, heads, start, scratch.Keys, scratch.Values);
            TileProducts<TLanes>.Scores(item.Rows, scratch, Source.Layout, start);
            AttentionSoftmax<TLanes>.Run(item.Rows, scratch, start, Rows.Settings);
            TileProducts<TLanes>.Values(item.Rows, scratch, Source.Layout, start);
        }

        Finish<TLanes>(item, scratch);
    }

    private int FirstTile(in AttentionItem item) => Rows.Settings.FirstVisible(item.FirstPosition) / Tile.Keys * Tile.Keys;

    /// <summary>Gathers the item's queries and clears its sums. The rows that fill up the last group of eight repeat the last one's position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Begin<TLanes>(in AttentionItem item, in AttentionScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        int headDim = Rows.HeadDim, width = Source.Layout.Width;
        var ahead = (long)FetchPositions * Rows.Heads * headDim;
        (var position, var head) = Math.DivRem(item.FirstLinear, Rows.Group);
        for (var row = 0; row < item.Rows; row++)
        {
            var source = Queries + Rows.QueryOffset(item, position, head);
            var target = scratch.Queries + row * width;
            var d = 0;
            for (; d + 16 <= headDim; d += 16)
            {
                Tile.Fetch((byte*)(source + ahead + d));
                TLanes.Load(source + d).Store(target + d);
            }

            if (d < headDim) Edge.Load<TLanes>(source + d, headDim - d).Store(target + d);
            scratch.Positions[row] = item.LastVisible(position);
            if (++head == Rows.Group) (position, head) = (position + 1, 0);
        }

        var padded = AttentionScratch.Padded(item.Rows);
        for (var row = item.Rows; row < padded; row++) scratch.Positions[row] = scratch.Positions[item.Rows - 1];
        new Span<float>(scratch.Queries + item.Rows * width, (padded - item.Rows) * width).Clear();
        new Span<float>(scratch.Outputs, padded * width).Clear();
        scratch.Reset();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Finish<TLanes>(in AttentionItem item, in AttentionScratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        int headDim = Rows.HeadDim, width = Source.Layout.Width;
        var ahead = (long)FetchPositions * Rows.Heads * headDim;
        (var position, var head) = Math.DivRem(item.FirstLinear, Rows.Group);
        for (var row = 0; row < item.Rows; row++)
        {
            var offset = Rows.QueryOffset(item, position, head);
            var normaliser = 1 / scratch.Sums[row];
            Maxima[offset / headDim] = scratch.Maxima[row];
            Normalisers[offset / headDim] = normaliser;
            var factor = TLanes.Broadcast(normaliser);
            float* source = scratch.Outputs + row * width, target = Output + offset;
            var d = 0;
            for (; d + 16 <= headDim; d += 16)
            {
                // + 0 makes a negative zero positive: whether one arises depends on how many masked keys the tile held.
                Tile.Fetch((byte*)(target + ahead + d));
                (TLanes.Load(source + d) * factor + TLanes.Zero).Store(target + d);
            }

            if (d < headDim) Edge.Store(TLanes.Load(source + d) * factor + TLanes.Zero, target + d, headDim - d);

            if (++head == Rows.Group) (position, head) = (position + 1, 0);
        }
    }
}
