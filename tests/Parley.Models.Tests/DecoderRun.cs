using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models.Tests;

/// <summary>Runs a decoder the ways training and serving do, and hands back plain arrays.</summary>
internal sealed class DecoderRun(Decoder decoder, KernelSet kernels = KernelSet.Auto, int threads = 1) : IDisposable
{
    private readonly ComputeContext _context = new(threads, kernels);
    private readonly Arena _arena = new();

    public void Dispose()
    {
        _arena.Dispose();
        _context.Dispose();
    }

    /// <summary>All logits of one sequence without a cache, with or without a tape: [T * V].</summary>
    public float[] Whole(int[] tokens, bool taped = false, Adapter? adapter = null)
    {
        _arena.Reset();
        var ops = new Operations(_context, _arena, taped ? new Tape() : null);
        return decoder.Logits(ops, decoder.Forward(ops, tokens, AttentionBatch.Whole(1, tokens.Length), adapters: Rows(adapter, tokens.Length))).ToArray();
    }

    /// <summary>All logits of one sequence through a paged cache, fed in pieces of the given sizes.</summary>
    public float[] Cached(int[] tokens, KVCache cache, int[] blocks, IEnumerable<int> pieces)
    {
        var logits = new List<float>();
        var done = 0;
        foreach (var piece in pieces)
        {
            logits.AddRange(Step(tokens.AsMemory(done, piece), new AttentionBatch([new AttentionSpan(0, piece, done, blocks)], cache)));
            done += piece;
        }

        return [.. logits];
    }

    /// <summary>The logits of every row of one batch.</summary>
    public float[] Step(ReadOnlyMemory<int> tokens, AttentionBatch batch)
    {
        _arena.Reset();
        var ops = new Operations(_context, _arena);
        return decoder.Logits(ops, decoder.Forward(ops, tokens, batch)).ToArray();
    }

    /// <summary>The logits of some rows of one sequence, when the last layer is spared the others: [R * V].</summary>
    public float[] Wanted(int[] tokens, int[] rows)
    {
        _arena.Reset();
        var ops = new Operations(_context, _arena);
        return decoder.Logits(ops, decoder.Forward(ops, tokens, AttentionBatch.Whole(1, tokens.Length), wanted: rows)).ToArray();
    }

    /// <summary>The mean loss in nats of one sequence; with <paramref name="gradients"/> also adds its gradient to every parameter.</summary>
    public double Loss(int[] tokens, int[] targets, bool gradients = false, Adapter? adapter = null, ForwardTreatment? treatment = null)
    {
        _arena.Reset();
        var tape = gradients ? new Tape() : null;
        var ops = new Operations(_context, _arena, tape) { Treatment = treatment };
        var hidden = decoder.Forward(ops, tokens, AttentionBatch.Whole(1, tokens.Length), adapters: Rows(adapter, tokens.Length));
        var loss = ops.CrossEntropy(hidden, decoder.Head, targets, default, 1f / tokens.Length);
        tape?.Backward();
        return loss;
    }

    /// <summary>The likeliest token after each of <paramref name="count"/> steps from a prompt; ties go to the lowest id.</summary>
    public int[] Greedy(int[] prompt, int count)
    {
        var config = decoder.Config;
        var blocks = Enumerable.Range(0, (prompt.Length + count + KVCache.BlockSize - 1) / KVCache.BlockSize).Reverse().ToArray();
        using var cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, blocks.Length);
        var (answer, next, position) = (new List<int>(), prompt, 0);
        while (answer.Count < count)
        {
            var logits = Step(next, new AttentionBatch([new AttentionSpan(0, next.Length, position, blocks)], cache)).AsSpan(^config.VocabularySize..);
            position += next.Length;
            next = [Largest(logits)];
            answer.Add(next[0]);
        }

        return [.. answer];
    }

    private static LowRankRows? Rows(Adapter? adapter, int count) => adapter is null ? null : LowRankRows.All(adapter, count);

    private static int Largest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }
}
