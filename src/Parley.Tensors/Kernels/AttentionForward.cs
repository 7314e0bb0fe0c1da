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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var item = first; item < end; item++) Attend<TLanes>(Rows.Item(item));
    }

    private void Attend<TLanes>(AttentionItem item)
        where TLanes : struct, ILanes<TLanes>
    {
        Clear(item);
        var keys = stackalloc float*[4];
        var values = stackalloc float*[4];
        var buffer = stackalloc float[4 * Tile.Keys + Tile.Slack];
        var scores = Tile.Align(buffer);
        var last = item.Position(item.Rows - 1);
        for (var start = 0; start <= last; start += Tile.Keys)
        {
            Source.Locate(item, start, last, keys, values);
            for (var row = 0; row < item.Rows; row += 4)
            {
                var count = Math.Min(4, item.Rows - row);
                if (item.Position(row + count - 1) >= start) AttendTile<TLanes>(item, row, count, start, keys, values, scores);
            }
        }

        Normalise<TLanes>(item);
    }

    /// <summary>Adds the tile of keys from position <paramref name="start"/> on to up to four rows.</summary>
    private void AttendTile<TLanes>(in AttentionItem item, int row, int count, int start, float** keys, float** values, float* scores)
        where TLanes : struct, ILanes<TLanes>
    {
        float** queries = stackalloc float*[4], outputs = stackalloc float*[4], weights = stackalloc float*[4];
        var factors = stackalloc float[4];
        for (var i = 0; i < count; i++)
        {
            var offset = Rows.QueryOffset(item, row + i);
            queries[i] = Queries + offset;
            outputs[i] = Output + offset;
            weights[i] = scores + i * Tile.Keys;
        }

        TileProduct<TLanes>.Run(count, queries, 1, keys, 16, Rows.HeadDim, weights, 0, null);
        for (var i = 0; i < count; i++)
        {
            var statistic = Rows.StatisticOffset(item, row + i);
            factors[i] = OnlineSoftmax<TLanes>(
                weights[i], item.Position(row + i) - start + 1, ref Maxima[statistic], ref Normalisers[statistic]);
        }

        var valid = Math.Min(Tile.Keys, item.Position(row + count - 1) - start + 1);
        WeightedSum<TLanes>(count, weights, valid, values, outputs, factors);
    }

    /// <summary>outputs = factors * outputs + weights . values, block by block; blocks that follow each other in memory go together.</summary>
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
    /// Turns the 64 scores of a row into weights relative to the new maximum, of which the first <paramref name="valid"/> are not masked,
    /// and returns the factor that makes what was summed before relative to it too.
    /// </summary>
    private float OnlineSoftmax<TLanes>(float* scores, int valid, ref float maximum, ref float sum)
        where TLanes : struct, ILanes<TLanes>
    {
        if (valid <= 0)
        {
            new Span<float>(scores, Tile.Keys).Clear();
            return 1;
        }

        for (var key = valid; key < Tile.Keys; key++) scores[key] = float.NegativeInfinity;
        var scale = TLanes.Broadcast(Rows.Scale);
        TLanes s0 = TLanes.Load(scores) * scale, s1 = TLanes.Load(scores + 16) * scale;
        TLanes s2 = TLanes.Load(scores + 32) * scale, s3 = TLanes.Load(scores + 48) * scale;
        var before = maximum;
        maximum = MathF.Max(before, TLanes.Largest(TLanes.Max(TLanes.Max(s0, s1), TLanes.Max(s2, s3))));
        var shift = TLanes.Broadcast(maximum);
        LanesMath.Exp(s0 - shift).Store(scores);
        LanesMath.Exp(s1 - shift).Store(scores + 16);
        LanesMath.Exp(s2 - shift).Store(scores + 32);
        LanesMath.Exp(s3 - shift).Store(scores + 48);
        for (var key = valid; key < Tile.Keys; key++) scores[key] = 0;
        var lanes = TLanes.Load(scores) + TLanes.Load(scores + 16) + TLanes.Load(scores + 32) + TLanes.Load(scores + 48);
        var factor = before == maximum ? 1 : float.IsNegativeInfinity(before) ? 0 : TLanes.Largest(LanesMath.Exp(TLanes.Broadcast(before - maximum)));
        sum = MathF.FusedMultiplyAdd(sum, factor, TLanes.Sum(lanes));
        return factor;
    }

    private void Clear(in AttentionItem item)
    {
        for (var row = 0; row < item.Rows; row++)
        {
            new Span<float>(Output + Rows.QueryOffset(item, row), Rows.HeadDim).Clear();
            var statistic = Rows.StatisticOffset(item, row);
            (Maxima[statistic], Normalisers[statistic]) = (float.NegativeInfinity, 0);
        }
    }

    private void Normalise<TLanes>(in AttentionItem item)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < item.Rows; row++)
        {
            var output = Output + Rows.QueryOffset(item, row);
            ref var normaliser = ref Normalisers[Rows.StatisticOffset(item, row)];
            normaliser = 1 / normaliser;
            var factor = TLanes.Broadcast(normaliser);
            for (var d = 0; d < Rows.HeadDim; d += 16)
            {
                // + 0 makes a negative zero positive: whether one arises depends on how many masked keys the tile held.
                (TLanes.Load(output + d) * factor + TLanes.Zero).Store(output + d);
            }
        }
    }
}
