using System.Diagnostics;
using Parley.Tensors.Autograd;

namespace Parley.Tensors.Measurements;

/// <summary>
/// Times attention over the paged cache, the appending of keys and values included, in rounds that alternate with <see cref="FmaPeak"/>.
/// Several layers take turns, so that a decode step finds its keys and values as cold as a model's do. Gives plain figures.
/// </summary>
public static class AttentionBench
{
    /// <param name="rounds">Rounds of attention and peak; one more before them only warms up.</param>
    public static AttentionFigures Measure(ComputeContext context, in AttentionShape shape, int rounds = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        using var state = new State(context, shape);
        var seconds = new double[rounds];
        double peak = 0;
        for (var round = -1; round < rounds; round++)
        {
            var roundPeak = FmaPeak.Measure(context);
            var time = state.Round();
            if (round < 0) continue;
            seconds[round] = time / shape.Layers;
            peak = Math.Max(peak, roundPeak);
        }

        Array.Sort(seconds);
        return new(shape, seconds[rounds / 2], seconds[0], peak);
    }

    private sealed class State : IDisposable
    {
        private readonly AttentionShape _shape;
        private readonly KVCache _cache;
        private readonly AttentionBatch _batch;
        private readonly Arena _arena = new();
        private readonly Operations _operations;
        private readonly Tensor _q, _k, _v;

        internal State(ComputeContext context, in AttentionShape shape)
        {
            _shape = shape;
            int rows = shape.Rows, blocks = (shape.Context + KVCache.BlockSize - 1) / KVCache.BlockSize;
            _cache = new(shape.Layers, shape.KVHeads, shape.HeadDim, blocks * shape.Sequences, shape.CacheDType);
            var all = new AttentionSpan[shape.Sequences];
            var last = new AttentionSpan[shape.Sequences];
            for (var i = 0; i < all.Length; i++)
            {
                int[] own = [.. Enumerable.Range(i * blocks, blocks)];
                all[i] = new(i * shape.Context, shape.Context, 0, own);
                last[i] = new(i * rows, rows, shape.Context - rows, own);
            }

            _operations = new(context, _arena);
            Fill(new(all, _cache));
            _batch = new(last, _cache);
            (_q, _k, _v) = Inputs(_batch.Rows);
        }

        internal double Round()
        {
            var start = Stopwatch.GetTimestamp();
            for (var layer = 0; layer < _shape.Layers; layer++) Attend(_batch, layer, _q, _k, _v);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public void Dispose()
        {
            foreach (var tensor in (Tensor[])[_q, _k, _v]) tensor.Dispose();
            _arena.Dispose();
            _cache.Dispose();
        }

        private void Fill(AttentionBatch batch)
        {
            var (q, k, v) = Inputs(batch.Rows);
            for (var layer = 0; layer < _shape.Layers; layer++) Attend(batch, layer, q, k, v);
            foreach (var tensor in (Tensor[])[q, k, v]) tensor.Dispose();
        }

        private void Attend(AttentionBatch batch, int layer, Tensor q, Tensor k, Tensor v)
        {
            _arena.Reset();
            _operations.Attention(q, k, v, batch, layer, new AttentionSettings(_shape.HeadDim));
        }

        private (Tensor Q, Tensor K, Tensor V) Inputs(int rows)
        {
            var tensors = new Tensor[3];
            for (var i = 0; i < 3; i++)
            {
                tensors[i] = Tensor.Allocate(new(rows, (i == 0 ? _shape.Heads : _shape.KVHeads) * _shape.HeadDim));
                Philox.FillNormal(tensors[i], 1, (ulong)i, 1);
            }

            return (tensors[0], tensors[1], tensors[2]);
        }
    }
}
