using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// Causal attention with grouped heads in tiles of 64 keys whose borders depend only on position, merged in order by the online softmax
/// (arXiv:2205.14135): the T x T scores are never stored. An item is up to 64 (position, head) rows of one sequence that share a kv head.
/// It does not know whether keys come from a paged cache or from the batch itself; <see cref="KeyValueSource"/> does.
/// </summary>
internal readonly unsafe struct AttentionForward : IKernel
{
    /// <summary>Query rows in an item.</summary>
    internal const int ItemRows = 64;

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        float** queries = stackalloc float*[ItemRows], outputs = stackalloc float*[ItemRows], blocks = stackalloc float*[8];
        var positions = stackalloc int[ItemRows];
        var floats = stackalloc float[5 * Tile.Keys + 2 * ItemRows + Tile.Slack];
        var scratch = new Scratch(queries, outputs, positions, blocks, Tile.Align(floats));
        for (var item = first; item < end; item++) Attend<TLanes>(Rows.Item(item), scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Attend<TLanes>(AttentionItem item, in Scratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        Begin(item, scratch);
        var last = scratch.Positions[item.Rows - 1];
        for (var start = Rows.Settings.FirstVisible(scratch.Positions[0]) / Tile.Keys * Tile.Keys; start <= last; start += Tile.Keys)
        {
            Source.Locate(item, start, last, scratch.Keys, scratch.Values);
            for (var row = 0; row < item.Rows; row += 4)
            {
                var count = Math.Min(4, item.Rows - row);
                if (scratch.Positions[row + count - 1] >= start) AttendTile<TLanes>(scratch, row, count, start);
            }
        }

        Finish<TLanes>(item, scratch);
    }

    /// <summary>Adds the tile of keys from position <paramref name="start"/> on to up to four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private void AttendTile<TLanes>(in Scratch scratch, int row, int count, int start)
        where TLanes : struct, ILanes<TLanes>
    {
        var weights = stackalloc float*[4];
        var factors = stackalloc float[4];
        for (var i = 0; i < count; i++) weights[i] = scratch.Scores + i * Tile.Keys;
        TileProduct<TLanes>.Run(count, scratch.Queries + row, 1, scratch.Keys, 16, Rows.HeadDim, weights, 0, null);
        for (var i = 0; i < count; i++)
        {
            var position = scratch.Positions[row + i];
            int hidden = Rows.Settings.FirstVisible(position) - start, valid = position - start + 1;
            factors[i] = valid <= 0 || hidden >= Tile.Keys
                ? Mask(weights[i])
                : OnlineSoftmax<TLanes>(weights[i], scratch.Lanes, hidden, valid, ref scratch.Maxima[row + i], ref scratch.Sums[row + i]);
        }

        var keys = Math.Min(Tile.Keys, scratch.Positions[row + count - 1] - start + 1);
        WeightedSum<TLanes>(count, weights, keys, scratch.Values, scratch.Outputs + row, factors);
    }

    /// <summary>outputs = factors * outputs + weights . values, block by block; blocks that follow each other in memory go together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeightedSum<TLanes>(int count, float** weights, int valid, float** values, float** outputs, float* factors)
        where TLanes : struct, ILanes<TLanes>
    {
        var stride = Source.ValueStride;
        for (var key = 0; key < valid;)
        {
            var next = key + 16;
            while (next < valid && values[next / 16] == values[key / 16] + (long)(next - key) * stride) next += 16;
            TileProduct<TLanes>.RunWide(count, weights, 1, values[key / 16], stride, Math.Min(next, valid) - key, outputs, Rows.HeadDim, factors);
            for (var i = 0; i < count; i++)
            {
                factors[i] = 1;
                weights[i] += next - key;
            }

            key = next;
        }
    }

    /// <summary>
    /// Turns the 64 scores of a row into weights relative to the new maximum, of which those from <paramref name="hidden"/> to before
    /// <paramref name="valid"/> are not masked, and returns the factor that makes what was summed before relative to it too. The mask is chosen, never added: behind it may be NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float OnlineSoftmax<TLanes>(float* scores, float* lanes, int hidden, int valid, ref float maximum, ref float sum)
        where TLanes : struct, ILanes<TLanes>
    {
        // Loops and small methods: the just-in-time compiler stops inlining when too many exponentials stand in one method.
        var before = maximum;
        var largest = LargestScore<TLanes>(scores, lanes, hidden, valid);
        maximum = largest > before ? largest : before;
        TLanes shift = TLanes.Broadcast(maximum), total = TLanes.Zero;
        TLanes low = TLanes.Broadcast(hidden - 1), limit = TLanes.Broadcast(valid);
        for (var key = 0; key < Tile.Keys; key += 16)
        {
            // A masked score becomes 0 before the exponential: e^-infinity would pass through denormals, which cost 20 times as much.
            var lane = TLanes.Load(lanes + key);
            var distance = Visible(lane, low, limit, TLanes.Load(scores + key) - shift, TLanes.Zero);
            var weight = Visible(lane, low, limit, LanesMath.Exp(distance), TLanes.Zero);
            weight.Store(scores + key);
            total += weight;
        }

        var factor = before == maximum ? 1 : float.IsNegativeInfinity(before) ? 0 : Exp<TLanes>(before - maximum);
        sum = MathF.FusedMultiplyAdd(sum, factor, TLanes.Sum(total));
        return factor;
    }

    /// <summary>Scales, caps and masks a row's scores in place; returns the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float LargestScore<TLanes>(float* scores, float* lanes, int hidden, int valid)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes low = TLanes.Broadcast(hidden - 1), limit = TLanes.Broadcast(valid);
        TLanes scale = TLanes.Broadcast(Rows.Scale), masked = TLanes.Broadcast(float.NegativeInfinity);
        if (Rows.Settings.SoftCap > 0) Cap<TLanes>(scores);
        var largest = masked;
        for (var key = 0; key < Tile.Keys; key += 16)
        {
            var score = Visible(TLanes.Load(lanes + key), low, limit, TLanes.Load(scores + key) * scale, masked);
            score.Store(scores + key);
            largest = TLanes.Max(largest, score);
        }

        return TLanes.Largest(largest);
    }

    /// <summary>Scores so that, once scaled, they are cap * tanh(scaled / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Cap<TLanes>(float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes inner = TLanes.Broadcast(Rows.Scale / Rows.Settings.SoftCap), outer = TLanes.Broadcast(Rows.Settings.SoftCap / Rows.Scale);
        for (var key = 0; key < Tile.Keys; key += 16) (LanesMath.Tanh(TLanes.Load(scores + key) * inner) * outer).Store(scores + key);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Visible<TLanes>(TLanes lane, TLanes low, TLanes limit, TLanes seen, TLanes masked)
        where TLanes : struct, ILanes<TLanes> => TLanes.SelectGreater(limit, lane, TLanes.SelectGreater(lane, low, seen, masked), masked);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exp<TLanes>(float x)
        where TLanes : struct, ILanes<TLanes> => TLanes.Largest(LanesMath.Exp(TLanes.Broadcast(x)));

    /// <summary>A row that ends before this tile, beside one that does not: nothing is added to it.</summary>
    private static float Mask(float* scores)
    {
        new Span<float>(scores, Tile.Keys).Clear();
        return 1;
    }

    /// <summary>Where the item's rows lie, and the empty sum in each. Divisions are done here, once a row.</summary>
    private void Begin(in AttentionItem item, in Scratch scratch)
    {
        for (var row = 0; row < item.Rows; row++)
        {
            var offset = Rows.QueryOffset(item, row);
            scratch.Queries[row] = Queries + offset;
            scratch.Outputs[row] = Output + offset;
            scratch.Positions[row] = item.Position(row);
            scratch.Maxima[row] = float.NegativeInfinity;
            scratch.Sums[row] = 0;
            new Span<float>(Output + offset, Rows.HeadDim).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish<TLanes>(in AttentionItem item, in Scratch scratch)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < item.Rows; row++)
        {
            var output = scratch.Outputs[row];
            var normaliser = 1 / scratch.Sums[row];
            var statistic = (output - Output) / Rows.HeadDim;
            Maxima[statistic] = scratch.Maxima[row];
            Normalisers[statistic] = normaliser;
            var factor = TLanes.Broadcast(normaliser);
            for (var d = 0; d < Rows.HeadDim; d += 16)
            {
                // + 0 makes a negative zero positive: whether one arises depends on how many masked keys the tile held.
                var left = Rows.HeadDim - d;
                Edge.Store(Edge.Load<TLanes>(output + d, left) * factor + TLanes.Zero, output + d, left);
            }
        }
    }

    /// <summary>A worker's stack memory for one item.</summary>
    private readonly struct Scratch
    {
        internal Scratch(float** queries, float** outputs, int* positions, float** blocks, float* floats)
        {
            Queries = queries;
            Outputs = outputs;
            Positions = positions;
            Keys = blocks;
            Values = blocks + 4;
            Scores = floats;
            Lanes = floats + 4 * Tile.Keys;
            Maxima = Lanes + Tile.Keys;
            Sums = Maxima + ItemRows;
            for (var i = 0; i < Tile.Keys; i++) Lanes[i] = i;
        }

        internal float** Queries { get; }

        internal float** Outputs { get; }

        internal float** Keys { get; }

        internal float** Values { get; }

        internal int* Positions { get; }

        /// <summary>[4][64]</summary>
        internal float* Scores { get; }

        /// <summary>0, 1 .. 63, to compare with the number of keys that are not masked.</summary>
        internal float* Lanes { get; }

        internal float* Maxima { get; }

        internal float* Sums { get; }
    }
}
