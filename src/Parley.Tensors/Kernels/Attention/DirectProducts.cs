using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// The two products of attention for up to four rows, straight from the cache's own type: each key and value is converted in registers once
/// for all rows of its kv head. Sums in the order of <see cref="TileProducts{TLanes}"/>, so both give the same bits.
/// </summary>
internal static unsafe class DirectProducts<TLanes, TFormat>
    where TLanes : struct, ILanes<TLanes>
    where TFormat : struct, ICacheFormat
{
    private const int Block = KVCache.BlockSize;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Scores(int rows, in AttentionScratch scratch, in CacheLayout layout, byte** heads)
    {
        for (var row = 0; row < rows;)
        {
            float* queries = scratch.Queries + row * layout.Width, scores = scratch.Scores + row * Tile.Keys;
            for (var pair = 0; pair < Tile.Blocks; pair += 2)
            {
                if (rows - row >= 4) ScoresOfFour(queries, layout, heads + pair, scores + pair * Block);
                else if (rows - row >= 2) ScoresOfTwo(queries, layout, heads + pair, scores + pair * Block);
                else ScoresOfOne(queries, layout, heads + pair, scores + pair * Block);
            }

            row += rows - row >= 4 ? 4 : rows - row >= 2 ? 2 : 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Values(int rows, in AttentionScratch scratch, in CacheLayout layout, byte** heads, int keys)
    {
        if (TFormat.IsScaled) ReadScales(scratch, layout, heads);
        for (var row = 0; row < rows;)
        {
            float* weights = scratch.Scores + row * Tile.Keys, outputs = scratch.Outputs + row * layout.Width, factors = scratch.Factors + row;
            var together = rows - row >= 4 ? 4 : rows - row >= 2 ? 2 : 1;
            for (var column = 0; column < layout.Width;)
            {
                var columns = new Columns(layout, heads, scratch.Scales, keys, column);
                if (together == 4 && layout.Width - column >= 32) ValuesOfFour(columns, weights, outputs, factors);
                else if (together == 2 && layout.Width - column >= 32) ValuesOfTwo(columns, weights, outputs, factors);
                else
                {
                    for (var i = 0; i < together; i++)
                    {
                        ValuesOfOne(columns, weights + i * Tile.Keys, outputs + i * layout.Width, factors[i]);
                    }

                    column += 16;
                    continue;
                }

                column += 32;
            }

            row += together;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ReadScales(in AttentionScratch scratch, in CacheLayout layout, byte** heads)
    {
        for (var block = 0; block < Tile.Blocks; block++)
        {
            var scales = (ushort*)(heads[block] + layout.ValueScaleOffset);
            for (var group = 0; group < layout.ScaleGroups; group++)
            {
                TLanes.LoadHalf(scales + group * Block).Store(scratch.Scales + group * Tile.Keys + block * Block);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Scale(byte* head, in CacheLayout layout, int d) =>
        TFormat.IsScaled ? TLanes.LoadHalf((ushort*)(head + layout.KeyScaleOffset) + d / 2) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Read(byte* elements, TLanes scale)
    {
        var numbers = TFormat.Load<TLanes>(elements);
        return TFormat.IsScaled ? numbers * scale : numbers;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ScoresOfOne(float* query, in CacheLayout layout, byte** heads, float* scores)
    {
        byte* k0 = heads[0], k1 = heads[1];
        long ahead0 = heads[Tile.Blocks] - k0, ahead1 = heads[Tile.Blocks + 1] - k1;
        TLanes s0 = TLanes.Zero, s1 = TLanes.Zero;
        for (var first = 0; first < layout.HeadDim; first += CacheLayout.ScaledElements)
        {
            TLanes scale0 = Scale(heads[0], layout, first), scale1 = Scale(heads[1], layout, first);
            for (float* end = query + Math.Min(CacheLayout.ScaledElements, layout.HeadDim - first); query < end; query++)
            {
                var x = TLanes.Broadcast(*query);
                s0 = TLanes.FusedMultiplyAdd(x, Read(k0, scale0), s0);
                s1 = TLanes.FusedMultiplyAdd(x, Read(k1, scale1), s1);
                Tile.Fetch(k0 + ahead0);
                Tile.Fetch(k1 + ahead1);
                k0 += Block * TFormat.ElementBytes;
                k1 += Block * TFormat.ElementBytes;
            }
        }

        s0.Store(scores);
        s1.Store(scores + Block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ScoresOfTwo(float* query, in CacheLayout layout, byte** heads, float* scores)
    {
        byte* k0 = heads[0], k1 = heads[1];
        long ahead0 = heads[Tile.Blocks] - k0, ahead1 = heads[Tile.Blocks + 1] - k1;
        var q1 = query + layout.Width;
        TLanes s00 = TLanes.Zero, s01 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero;
        for (var first = 0; first < layout.HeadDim; first += CacheLayout.ScaledElements)
        {
            TLanes scale0 = Scale(heads[0], layout, first), scale1 = Scale(heads[1], layout, first);
            for (float* end = query + Math.Min(CacheLayout.ScaledElements, layout.HeadDim - first); query < end; query++, q1++)
            {
                TLanes v0 = Read(k0, scale0), v1 = Read(k1, scale1), x0 = TLanes.Broadcast(*query), x1 = TLanes.Broadcast(*q1);
                s00 = TLanes.FusedMultiplyAdd(x0, v0, s00);
                s01 = TLanes.FusedMultiplyAdd(x0, v1, s01);
                s10 = TLanes.FusedMultiplyAdd(x1, v0, s10);
                s11 = TLanes.FusedMultiplyAdd(x1, v1, s11);
                Tile.Fetch(k0 + ahead0);
                Tile.Fetch(k1 + ahead1);
                k0 += Block * TFormat.ElementBytes;
                k1 += Block * TFormat.ElementBytes;
            }
        }

        s00.Store(scores);
        s01.Store(scores + Block);
        s10.Store(scores + Tile.Keys);
        s11.Store(scores + Tile.Keys + Block);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ScoresOfFour(float* query, in CacheLayout layout, byte** heads, float* scores)
    {
        byte* k0 = heads[0], k1 = heads[1];
        long ahead0 = heads[Tile.Blocks] - k0, ahead1 = heads[Tile.Blocks + 1] - k1;
        float* q1 = query + layout.Width, q2 = q1 + layout.Width, q3 = q2 + layout.Width;
        TLanes s00 = TLanes.Zero, s01 = TLanes.Zero, s10 = TLanes.Zero, s11 = TLanes.Zero;
        TLanes s20 = TLanes.Zero, s21 = TLanes.Zero, s30 = TLanes.Zero, s31 = TLanes.Zero;
        for (var first = 0; first < layout.HeadDim; first += CacheLayout.ScaledElements)
        {
            TLanes scale0 = Scale(heads[0], layout, first), scale1 = Scale(heads[1], layout, first);
            for (float* end = query + Math.Min(CacheLayout.ScaledElements, layout.HeadDim - first); query < end; query++, q1++, q2++, q3++)
            {
                TLanes v0 = Read(k0, scale0), v1 = Read(k1, scale1), x = TLanes.Broadcast(*query);
                s00 = TLanes.FusedMultiplyAdd(x, v0, s00);
                s01 = TLanes.FusedMultiplyAdd(x, v1, s01);
                x = TLanes.Broadcast(*q1);
                s10 = TLanes.FusedMultiplyAdd(x, v0, s10);
                s11 = TLanes.FusedMultiplyAdd(x, v1, s11);
                x = TLanes.Broadcast(*q2);
                s20 = TLanes.FusedMultiplyAdd(x, v0, s20);
                s21 = TLanes.FusedMultiplyAdd(x, v1, s21);
                x = TLanes.Broadcast(*q3);
                s30 = TLanes.FusedMultiplyAdd(x, v0, s30);
                s31 = TLanes.FusedMultiplyAdd(x, v1, s31);
                Tile.Fetch(k0 + ahead0);
                Tile.Fetch(k1 + ahead1);
                k0 += Block * TFormat.ElementBytes;
                k1 += Block * TFormat.ElementBytes;
            }
        }

        StorePair(scores, s00, s01);
        StorePair(scores + Tile.Keys, s10, s11);
        StorePair(scores + 2 * Tile.Keys, s20, s21);
        StorePair(scores + 3 * Tile.Keys, s30, s31);
    }

    /// <summary>One row by 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ValuesOfOne(in Columns columns, float* weights, float* output, float factor)
    {
        output += columns.Column;
        var sum = TLanes.Load(output) * TLanes.Broadcast(factor);
        for (var key = 0; key < columns.Keys; key += Block)
        {
            var value = columns.Values(key);
            var ahead = columns.Ahead(key);
            for (int i = key, end = Math.Min(key + Block, columns.Keys); i < end; i++, value += columns.Step)
            {
                Tile.Fetch(value + ahead);
                sum = TLanes.FusedMultiplyAdd(TLanes.Broadcast(weights[i]), Read(value, columns.Scale(i)), sum);
            }
        }

        sum.Store(output);
    }

    /// <summary>Two rows by 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ValuesOfTwo(in Columns columns, float* weights, float* outputs, float* factors)
    {
        float* o0 = outputs + columns.Column, o1 = o0 + columns.Width, w1 = weights + Tile.Keys;
        TLanes f0 = TLanes.Broadcast(factors[0]), f1 = TLanes.Broadcast(factors[1]);
        TLanes s00 = TLanes.Load(o0) * f0, s01 = TLanes.Load(o0 + 16) * f0, s10 = TLanes.Load(o1) * f1, s11 = TLanes.Load(o1 + 16) * f1;
        for (var key = 0; key < columns.Keys; key += Block)
        {
            var value = columns.Values(key);
            var ahead = columns.Ahead(key);
            for (int i = key, end = Math.Min(key + Block, columns.Keys); i < end; i++, value += columns.Step)
            {
                Tile.Fetch(value + ahead);
                var scale = columns.Scale(i);
                TLanes v0 = Read(value, scale), v1 = Read(value + 16 * TFormat.ElementBytes, scale);
                TLanes x0 = TLanes.Broadcast(weights[i]), x1 = TLanes.Broadcast(w1[i]);
                s00 = TLanes.FusedMultiplyAdd(x0, v0, s00);
                s01 = TLanes.FusedMultiplyAdd(x0, v1, s01);
                s10 = TLanes.FusedMultiplyAdd(x1, v0, s10);
                s11 = TLanes.FusedMultiplyAdd(x1, v1, s11);
            }
        }

        StorePair(o0, s00, s01);
        StorePair(o1, s10, s11);
    }

    /// <summary>Four rows by 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ValuesOfFour(in Columns columns, float* weights, float* outputs, float* factors)
    {
        float* o0 = outputs + columns.Column, o1 = o0 + columns.Width, o2 = o1 + columns.Width, o3 = o2 + columns.Width;
        TLanes f0 = TLanes.Broadcast(factors[0]), f1 = TLanes.Broadcast(factors[1]);
        TLanes f2 = TLanes.Broadcast(factors[2]), f3 = TLanes.Broadcast(factors[3]);
        TLanes s00 = TLanes.Load(o0) * f0, s01 = TLanes.Load(o0 + 16) * f0, s10 = TLanes.Load(o1) * f1, s11 = TLanes.Load(o1 + 16) * f1;
        TLanes s20 = TLanes.Load(o2) * f2, s21 = TLanes.Load(o2 + 16) * f2, s30 = TLanes.Load(o3) * f3, s31 = TLanes.Load(o3 + 16) * f3;
        for (var key = 0; key < columns.Keys; key += Block)
        {
            var value = columns.Values(key);
            var ahead = columns.Ahead(key);
            var weight = weights + key;
            for (int i = key, end = Math.Min(key + Block, columns.Keys); i < end; i++, value += columns.Step, weight++)
            {
                Tile.Fetch(value + ahead);
                var scale = columns.Scale(i);
                TLanes v0 = Read(value, scale), v1 = Read(value + 16 * TFormat.ElementBytes, scale), x = TLanes.Broadcast(weight[0]);
                s00 = TLanes.FusedMultiplyAdd(x, v0, s00);
                s01 = TLanes.FusedMultiplyAdd(x, v1, s01);
                x = TLanes.Broadcast(weight[Tile.Keys]);
                s10 = TLanes.FusedMultiplyAdd(x, v0, s10);
                s11 = TLanes.FusedMultiplyAdd(x, v1, s11);
                x = TLanes.Broadcast(weight[2 * Tile.Keys]);
                s20 = TLanes.FusedMultiplyAdd(x, v0, s20);
                s21 = TLanes.FusedMultiplyAdd(x, v1, s21);
                x = TLanes.Broadcast(weight[3 * Tile.Keys]);
                s30 = TLanes.FusedMultiplyAdd(x, v0, s30);
                s31 = TLanes.FusedMultiplyAdd(x, v1, s31);
            }
        }

        StorePair(o0, s00, s01);
        StorePair(o1, s10, s11);
        StorePair(o2, s20, s21);
        StorePair(o3, s30, s31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(float* target, TLanes low, TLanes high)
    {
        low.Store(target);
        high.Store(target + 16);
    }

    /// <summary>Some columns of a tile's values.</summary>
    private readonly struct Columns(in CacheLayout layout, byte** heads, float* scales, int keys, int column)
    {
        private readonly byte** _heads = heads;
        private readonly float* _scales = scales + column / CacheLayout.ScaledElements * Tile.Keys;
        private readonly int _offset = layout.ValueOffset + column * TFormat.ElementBytes;

        internal int Column { get; } = column;

        internal int Keys { get; } = keys;

        internal int Width { get; } = layout.Width;

        /// <summary>Bytes from one position to the next.</summary>
        internal int Step { get; } = layout.Width * TFormat.ElementBytes;

        /// <summary>The first position of the block that holds a key.</summary>
        internal byte* Values(int key) => _heads[key / Block] + _offset;

        /// <summary>From a block to the one in its place in the next tile.</summary>
        internal long Ahead(int key) => _heads[key / Block + Tile.Blocks] - _heads[key / Block];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal TLanes Scale(int key) => TFormat.IsScaled ? TLanes.Broadcast(_scales[key]) : default;
    }
}
