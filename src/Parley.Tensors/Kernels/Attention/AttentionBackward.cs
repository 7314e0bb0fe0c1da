using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The gradient of causal attention, with probabilities recomputed tile by tile from the forward pass's statistics (arXiv:2205.14135,
/// algorithm 4). An item is one kv head of one sequence: it alone writes the gradients of its keys, values and queries, in a fixed order -
/// key tiles, heads of the group, query tiles. Sequences begin at position 0; there is no cache.
/// </summary>
internal readonly unsafe struct AttentionBackward : IKernel
{
    /// <summary>So many rows of a tile on the diagonal leave out together what all of them do not see.</summary>
    private const int Band = 8;

    internal required AttentionRows Rows { get; init; }

    /// <summary>Packed keys; the values here are the rows of k.</summary>
    internal required KeyValueSource Keys { get; init; }

    /// <summary>Packed values; the values here are the rows of v, unused.</summary>
    internal required KeyValueSource Values { get; init; }

    /// <summary>q, dO and dq: [T, heads * headDim].</summary>
    internal required float* Queries { get; init; }

    internal required float* OutputGradient { get; init; }

    internal required float* QueryGradient { get; init; }

    /// <summary>dk and dv: [T, kvHeads * headDim].</summary>
    internal required float* KeyGradient { get; init; }

    internal required float* ValueGradient { get; init; }

    /// <summary>Whether to add to what the three hold; otherwise a row's first contribution is stored.</summary>
    internal required (bool Q, bool K, bool V) Accumulate { get; init; }

    /// <summary>[T, heads] from the forward pass, and dO . O by rows.</summary>
    internal required float* Maxima { get; init; }

    internal required float* Normalisers { get; init; }

    internal required float* Dots { get; init; }

    private int QueryStride => Rows.Heads * Rows.HeadDim;

    private int KeyStride => Rows.KVHeads * Rows.HeadDim;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        var buffer = stackalloc float[2 * Tile.Keys * Tile.Keys + Tile.Slack];
        float* probabilities = Tile.Align(buffer), scoreGradients = probabilities + Tile.Keys * Tile.Keys;
        float** keys = stackalloc float*[Tile.Blocks], values = stackalloc float*[Tile.Blocks];
        for (var index = first; index < end; index++)
        {
            (var spanIndex, var kvHead) = Math.DivRem(index, Rows.KVHeads);
            var span = Rows.Batch.SpanTable[spanIndex];
            var item = new AttentionItem(spanIndex, span, kvHead, Rows.Group, 0, span.Count * Rows.Group, Causal: true);
            for (var keyStart = 0; keyStart < span.Count; keyStart += Tile.Keys)
            {
                Keys.Locate(item, keyStart, (byte**)keys);
                Values.Locate(item, keyStart, (byte**)values);
                for (var head = kvHead * Rows.Group; head < (kvHead + 1) * Rows.Group; head++)
                {
                    for (var queryStart = keyStart; queryStart < span.Count && Sees(queryStart, keyStart); queryStart += Tile.Keys)
                    {
                        var pair = new TilePair(span, kvHead, head, queryStart, keyStart);
                        var isKeysFirst = queryStart == keyStart && head == kvHead * Rows.Group;
                        var isQueriesFirst = keyStart == 0 || !Sees(queryStart, keyStart - Tile.Keys);
                        Probabilities<TLanes>(pair, keys, values, probabilities, scoreGradients);
                        KeyGradients<TLanes>(pair, probabilities, OutputGradient, ValueGradient, Accumulate.V || !isKeysFirst);
                        KeyGradients<TLanes>(pair, scoreGradients, Queries, KeyGradient, Accumulate.K || !isKeysFirst);
                        QueryGradients<TLanes>(pair, scoreGradients, Keys.Row(item, keyStart), Accumulate.Q || !isQueriesFirst);
                    }
                }
            }
        }
    }

    /// <summary>Whether the window of a tile's first query reaches into the tile of keys; queries behind see fewer of them still.</summary>
    private bool Sees(int queryStart, int keyStart) => Rows.Settings.FirstVisible(queryStart) < keyStart + Tile.Keys;

    /// <summary>P = exp(scale q.k - max) / sum and dS = scale P (dO.v - dO.O), [queries][64 keys], masked ones 0.</summary>
    private void Probabilities<TLanes>(in TilePair pair, float** keys, float** values, float* probabilities, float* scoreGradients)
        where TLanes : struct, ILanes<TLanes>
    {
        Products<TLanes>(pair, Queries, keys, probabilities);
        Products<TLanes>(pair, OutputGradient, values, scoreGradients);
        for (var row = 0; row < pair.Queries; row++)
        {
            var position = pair.QueryStart + row;
            var valid = Math.Min(Tile.Keys, position - pair.KeyStart + 1);
            var hidden = Math.Clamp(Rows.Settings.FirstVisible(position) - pair.KeyStart, 0, Tile.Keys);
            var statistic = (long)(pair.Span.FirstRow + pair.QueryStart + row) * Rows.Heads + pair.Head;
            float* p = probabilities + row * Tile.Keys, gradient = scoreGradients + row * Tile.Keys;
            if (Rows.Settings.SoftCap > 0) CappedScoreGradient<TLanes>(p, gradient, valid, statistic);
            else ScoreGradient<TLanes>(p, gradient, valid, statistic);
            for (var key = 0; key < hidden; key++) p[key] = gradient[key] = 0;
            for (var key = valid; key < Tile.Keys; key++) p[key] = gradient[key] = 0;
        }
    }

    /// <summary>target[query][64 keys] = rows[query] . columns; in a tile on the diagonal the first half of the queries sees the first half of the keys only.</summary>
    private void Products<TLanes>(in TilePair pair, float* rows, float** columns, float* target)
        where TLanes : struct, ILanes<TLanes>
    {
        float** pointers = stackalloc float*[Tile.Keys], targets = stackalloc float*[Tile.Keys];
        Point(pointers, pair.Queries, rows + QueryOffset(pair), QueryStride);
        Point(targets, pair.Queries, target, Tile.Keys);
        var half = pair.IsDiagonal ? Math.Min(pair.Queries, Tile.Keys / 2) : 0;
        TileProduct<TLanes>.RunHalf(half, pointers, columns, Rows.HeadDim, targets);
        TileProduct<TLanes>.Run(pair.Queries - half, pointers + half, 1, columns, 16, Rows.HeadDim, targets + half, 0, null);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScoreGradient<TLanes>(float* probabilities, float* scoreGradients, int keys, long statistic)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes scale = TLanes.Broadcast(Rows.Scale), maximum = TLanes.Broadcast(Maxima[statistic]);
        TLanes normaliser = TLanes.Broadcast(Normalisers[statistic]), dot = TLanes.Broadcast(Dots[statistic]);
        for (var key = 0; key < keys; key += 16)
        {
            var probability = LanesMath.Exp(TLanes.Load(probabilities + key) * scale - maximum) * normaliser;
            probability.Store(probabilities + key);
            (probability * (TLanes.Load(scoreGradients + key) - dot) * scale).Store(scoreGradients + key);
        }
    }

    /// <summary>As <see cref="ScoreGradient"/> for scores cap * tanh(scale q.k / cap), whose slope is scale * (1 - tanh^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void CappedScoreGradient<TLanes>(float* probabilities, float* scoreGradients, int keys, long statistic)
        where TLanes : struct, ILanes<TLanes>
    {
        float cap = Rows.Settings.SoftCap, maximum = Maxima[statistic];
        TLanes inner = TLanes.Broadcast(Rows.Scale / cap), one = TLanes.Broadcast(1), scale = TLanes.Broadcast(Rows.Scale);
        TLanes normaliser = TLanes.Broadcast(Normalisers[statistic]), dot = TLanes.Broadcast(Dots[statistic]);
        for (var key = 0; key < keys; key += 16)
        {
            var tanh = LanesMath.Tanh(TLanes.Load(probabilities + key) * inner);
            var probability = LanesMath.Exp(tanh * TLanes.Broadcast(cap) - TLanes.Broadcast(maximum)) * normaliser;
            probability.Store(probabilities + key);
            var slope = (one - tanh * tanh) * scale;
            (probability * (TLanes.Load(scoreGradients + key) - dot) * slope).Store(scoreGradients + key);
        }
    }

    /// <summary>gradient[key] = or += sum over the tile's queries of weights[query][key] * rows[query]; on the diagonal over those that see the key.</summary>
    private void KeyGradients<TLanes>(in TilePair pair, float* weights, float* rows, float* gradient, bool accumulate)
        where TLanes : struct, ILanes<TLanes>
    {
        float** columns = stackalloc float*[Tile.Keys], targets = stackalloc float*[Tile.Keys];
        var ones = stackalloc float[Tile.Keys];
        new Span<float>(ones, Tile.Keys).Fill(1);
        Point(targets, pair.Keys, gradient + KeyOffset(pair), KeyStride);
        var step = pair.IsDiagonal ? Band : Tile.Keys;
        for (var key = 0; key < pair.Keys; key += step) // off the diagonal once
        {
            var keys = Math.Min(step, pair.Keys - key);
            Point(columns, keys, weights + key * Tile.Keys + key, 1);
            TileProduct<TLanes>.RunWide(
                keys, columns, Tile.Keys, rows + QueryOffset(pair) + (long)key * QueryStride, QueryStride,
                pair.Queries - key, targets + key, Rows.HeadDim, accumulate ? ones : null);
        }
    }

    /// <summary>dq[query] = or += sum over the tile's keys of dS[query][key] * k[key]; on the diagonal over those that the query sees.</summary>
    private void QueryGradients<TLanes>(in TilePair pair, float* scoreGradients, float* keyRows, bool accumulate)
        where TLanes : struct, ILanes<TLanes>
    {
        float** weights = stackalloc float*[Tile.Keys], targets = stackalloc float*[Tile.Keys];
        var ones = stackalloc float[Tile.Keys];
        new Span<float>(ones, Tile.Keys).Fill(1);
        Point(weights, pair.Queries, scoreGradients, Tile.Keys);
        Point(targets, pair.Queries, QueryGradient + QueryOffset(pair), QueryStride);
        var step = pair.IsDiagonal ? Band : Tile.Keys;
        for (var query = 0; query < pair.Queries; query += step) // off the diagonal once
        {
            TileProduct<TLanes>.RunWide(
                Math.Min(step, pair.Queries - query), weights + query, 1, keyRows, KeyStride, Math.Min(pair.Keys, query + step), targets + query, Rows.HeadDim,
                accumulate ? ones : null);
        }
    }

    private long QueryOffset(in TilePair pair) =>
        ((long)(pair.Span.FirstRow + pair.QueryStart) * Rows.Heads + pair.Head) * Rows.HeadDim;

    private long KeyOffset(in TilePair pair) =>
        ((long)(pair.Span.FirstRow + pair.KeyStart) * Rows.KVHeads + pair.KVHead) * Rows.HeadDim;

    private static void Point(float** pointers, int count, float* first, int stride)
    {
        for (var i = 0; i < count; i++) pointers[i] = first + (long)i * stride;
    }

    /// <summary>Up to 64 queries of one head against up to 64 keys of one sequence.</summary>
    private readonly record struct TilePair(AttentionSpan Span, int KVHead, int Head, int QueryStart, int KeyStart)
    {
        internal int Queries => Math.Min(Tile.Keys, Span.Count - QueryStart);

        internal int Keys => Math.Min(Tile.Keys, Span.Count - KeyStart);

        /// <summary>Whether queries of the tile lie before keys of it.</summary>
        internal bool IsDiagonal => QueryStart == KeyStart;
    }
}

/// <summary>dots[t, head] = dO . O over the head dim. An item is a row.</summary>
internal readonly unsafe struct AttentionDots(float* gradient, float* output, int heads, int headDim, float* dots) : IKernel
{
    private readonly float* _gradient = gradient, _output = output, _dots = dots;
    private readonly int _heads = heads, _headDim = headDim;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Execute<TLanes>(int first, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        for (var index = (long)first * _heads; index < (long)end * _heads; index++)
        {
            var sum = TLanes.Zero;
            var stop = (index + 1) * _headDim;
            for (var i = index * _headDim; i < stop; i += 16)
            {
                sum = TLanes.FusedMultiplyAdd(Edge.Load<TLanes>(_gradient + i, stop - i), Edge.Load<TLanes>(_output + i, stop - i), sum);
            }

            _dots[index] = TLanes.Sum(sum);
        }
    }
}
