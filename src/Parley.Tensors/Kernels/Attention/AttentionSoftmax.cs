using System.Runtime.CompilerServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// One step of the online softmax over a tile of scores [rows][64]: scores become weights relative to the largest so far; maxima, sums and the
/// factors for what was summed before are brought up to date. Masked scores are chosen away, never added: behind the mask may be NaN.
/// </summary>
internal static unsafe class AttentionSoftmax<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Run(int rows, in AttentionScratch scratch, int start, in AttentionSettings settings)
    {
        TLanes scale = TLanes.Broadcast(settings.ScoreScale);
        for (var row = 0; row < rows; row++)
        {
            var scores = scratch.Scores + row * Tile.Keys;
            var keys = new Visible(settings, scratch.Positions[row], start);
            if (keys.None) scratch.Largest[row] = float.NegativeInfinity;
            else
            {
                if (settings.SoftCap > 0) Cap(scores, settings);
                scratch.Largest[row] = keys.All ? Scale(scores, scale) : ScaleMasked(scores, scale, keys, scratch.Lanes);
            }
        }

        MoveMaxima(rows, scratch);
        for (var row = 0; row < rows; row++)
        {
            var scores = scratch.Scores + row * Tile.Keys;
            var keys = new Visible(settings, scratch.Positions[row], start);
            if (keys.None)
            {
                new Span<float>(scores, Tile.Keys).Clear();
                scratch.Totals[row] = 0;
            }
            else scratch.Totals[row] = keys.All ? Weigh(scores, scratch.Maxima[row]) : WeighMasked(scores, scratch.Maxima[row], keys, scratch.Lanes);
        }

        for (var row = 0; row < rows; row += 16)
        {
            TLanes.FusedMultiplyAdd(TLanes.Load(scratch.Sums + row), TLanes.Load(scratch.Factors + row), TLanes.Load(scratch.Totals + row))
                .Store(scratch.Sums + row);
        }
    }

    /// <summary>The new maxima and exp(old - new); 1 where there was nothing before, which is then multiplied by nothing but zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MoveMaxima(int rows, in AttentionScratch scratch)
    {
        for (var row = 0; row < rows; row += 16)
        {
            TLanes before = TLanes.Load(scratch.Maxima + row), after = TLanes.Max(TLanes.Load(scratch.Largest + row), before);
            var factor = LanesMath.ExpOfDistance(before - after);
            TLanes.SelectGreater(before, TLanes.Broadcast(float.NegativeInfinity), factor, TLanes.Broadcast(1)).Store(scratch.Factors + row);
            after.Store(scratch.Maxima + row);
        }
    }

    /// <summary>Scores so that, once scaled, they are cap * tanh(scaled / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Cap(float* scores, in AttentionSettings settings)
    {
        TLanes inner = TLanes.Broadcast(settings.ScoreScale / settings.SoftCap), outer = TLanes.Broadcast(settings.SoftCap / settings.ScoreScale);
        for (var key = 0; key < Tile.Keys; key += 16) (LanesMath.Tanh(TLanes.Load(scores + key) * inner) * outer).Store(scores + key);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(float* scores, TLanes scale)
    {
        TLanes s0 = TLanes.Load(scores) * scale, s1 = TLanes.Load(scores + 16) * scale;
        TLanes s2 = TLanes.Load(scores + 32) * scale, s3 = TLanes.Load(scores + 48) * scale;
        s0.Store(scores);
        s1.Store(scores + 16);
        s2.Store(scores + 32);
        s3.Store(scores + 48);
        return TLanes.Largest(TLanes.Max(s3, TLanes.Max(s2, TLanes.Max(s1, s0))));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float ScaleMasked(float* scores, TLanes scale, in Visible keys, float* lanes)
    {
        TLanes low = TLanes.Broadcast(keys.First - 1), limit = TLanes.Broadcast(keys.End), masked = TLanes.Broadcast(float.NegativeInfinity);
        var largest = masked;
        for (var key = 0; key < Tile.Keys; key += 16)
        {
            // Chosen before it is scaled: what lies behind the mask may be so small that multiplying it takes the slow path of denormals.
            var score = Choose(TLanes.Load(lanes + key), low, limit, TLanes.Load(scores + key), masked) * scale;
            score.Store(scores + key);
            largest = TLanes.Max(score, largest);
        }

        return TLanes.Largest(largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Weigh(float* scores, float maximum)
    {
        // A loop: the just-in-time compiler stops inlining when too many exponentials stand in one method.
        TLanes shift = TLanes.Broadcast(maximum), total = TLanes.Zero;
        for (var key = 0; key < Tile.Keys; key += 16)
        {
            var weight = LanesMath.ExpOfDistance(TLanes.Load(scores + key) - shift);
            weight.Store(scores + key);
            total += weight;
        }

        return TLanes.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float WeighMasked(float* scores, float maximum, in Visible keys, float* lanes)
    {
        TLanes shift = TLanes.Broadcast(maximum), total = TLanes.Zero;
        TLanes low = TLanes.Broadcast(keys.First - 1), limit = TLanes.Broadcast(keys.End);
        for (var key = 0; key < Tile.Keys; key += 16)
        {
            var weight = LanesMath.ExpOfDistance(TLanes.Load(scores + key) - shift);
            weight = Choose(TLanes.Load(lanes + key), low, limit, weight, TLanes.Zero);
            weight.Store(scores + key);
            total += weight;
        }

        return TLanes.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Choose(TLanes lane, TLanes low, TLanes limit, TLanes seen, TLanes masked) =>
        TLanes.SelectGreater(limit, lane, TLanes.SelectGreater(lane, low, seen, masked), masked);

    /// <summary>Which keys of the tile that begins at a position a row sees: from First to before End.</summary>
    private readonly struct Visible(in AttentionSettings settings, int position, int start)
    {
        internal int First { get; } = settings.FirstVisible(position) - start;

        internal int End { get; } = position - start + 1;

        internal bool None => End <= 0 || First >= Tile.Keys;

        internal bool All => First <= 0 && End >= Tile.Keys;
    }
}
