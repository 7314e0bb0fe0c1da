using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>
/// A sequence of random queries, keys and values, and the several ways to run attention over it. Its cache has more blocks than it needs,
/// filled with NaN, and its blocks are scattered: nothing that is not its own may be read.
/// </summary>
internal sealed class AttentionCase : IDisposable
{
    internal AttentionCase(int length, int heads, int kvHeads, AttentionSettings settings, ulong stream)
    {
        var headDim = settings.HeadDim;
        (Length, Heads, KVHeads, Settings) = (length, heads, kvHeads, settings);
        Q = Variants.Normal(new(length, heads * headDim), stream, 2);
        K = Variants.Normal(new(length, kvHeads * headDim), stream + 1, 2);
        V = Variants.Normal(new(length, kvHeads * headDim), stream + 2);
    }

    internal int Length { get; }

    internal int Heads { get; }

    internal int KVHeads { get; }

    internal AttentionSettings Settings { get; }

    internal int HeadDim => Settings.HeadDim;

    internal Tensor Q { get; }

    internal Tensor K { get; }

    internal Tensor V { get; }

    /// <summary>Attention over the rows themselves, as in training.</summary>
    internal float[] Whole(ComputeContext context) => Run(context, Q, K, V, AttentionBatch.Whole(1, Length));

    /// <summary>Attention through a cache, <paramref name="chunks"/> rows at a time (the last repeats).</summary>
    internal float[] Chunked(ComputeContext context, KVCache cache, int[] blocks, params int[] chunks)
    {
        List<float> output = [];
        for (int first = 0, i = 0; first < Length; i++)
        {
            var count = Math.Min(chunks[Math.Min(i, chunks.Length - 1)], Length - first);
            var batch = new AttentionBatch([new(0, count, first, blocks)], cache);
            output.AddRange(Run(context, Q.Rows(first, count), K.Rows(first, count), V.Rows(first, count), batch));
            first += count;
        }

        return [.. output];
    }

    internal float[] Run(ComputeContext context, Tensor q, Tensor k, Tensor v, AttentionBatch batch)
    {
        using var arena = new Arena();
        return new Operations(context, arena).Attention(q, k, v, batch, 1, Settings).ToArray();
    }

    internal KVCache NewCache(int blocks, DType type = DType.F32)
    {
        var cache = new KVCache(2, KVHeads, HeadDim, blocks, type);
        cache.Fill(255);
        return cache;
    }

    /// <summary>The definition, in double.</summary>
    internal double[] Defined()
    {
        double scale = Settings.Scale == 0 ? 1 / Math.Sqrt(HeadDim) : Settings.Scale, cap = Settings.SoftCap;
        double[] q = [.. Q.ToArray()], k = [.. K.ToArray()], v = [.. V.ToArray()], output = new double[q.Length];
        for (var row = 0; row < Length * Heads; row++)
        {
            var (position, head) = Math.DivRem(row, Heads);
            int Key(int at) => (at * KVHeads + head / (Heads / KVHeads)) * HeadDim;
            double Score(int at) => Enumerable.Range(0, HeadDim).Sum(d => q[row * HeadDim + d] * k[Key(at) + d]) * scale;
            double Weight(int at) => Settings.Window > 0 && position - at >= Settings.Window ? 0
                : Math.Exp(cap == 0 ? Score(at) : cap * Math.Tanh(Score(at) / cap));
            double[] weights = [.. Enumerable.Range(0, position + 1).Select(Weight)];
            for (var d = 0; d < HeadDim; d++) output[row * HeadDim + d] = weights.Select((w, at) => w * v[Key(at) + d]).Sum() / weights.Sum();
        }

        return output;
    }

    public void Dispose()
    {
        Q.Dispose();
        K.Dispose();
        V.Dispose();
    }
}
