using Parley.Inference;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// Before a speed is printed: every kernel set that is timed must agree with the reference on the very model, logit by logit, in the steps that are timed:
/// a prompt, one sequence's next token, and one token each of 16 sequences, over the paged F16 cache.
/// </summary>
internal static class EngineComparison
{
    private const int PromptTokens = 37; // no multiple of any tile
    private const int PromptBlocks = (PromptTokens + KVCache.BlockSize) / KVCache.BlockSize;

    /// <summary>What rounding in another way may move, in standard deviations of the logits; sets of equal arithmetic move nothing.</summary>
    private const double Tolerance = 2e-2;

    /// <returns>One sentence a set, for people.</returns>
    /// <exception cref="InvalidDataException">A set disagrees.</exception>
    public static IReadOnlyList<string> Check(string path, int vocabulary, int threads, IEnumerable<KernelSet> sets)
    {
        using var model = GgufModel.Load(path);
        var tokens = BenchPrompt.Of(0, PromptTokens + 1 + EngineSideOptions.MaxSequences, vocabulary);
        var expected = Logits(model, tokens, threads, KernelSet.Reference);
        return [.. sets.Select(set => Check(set, Logits(model, tokens, threads, set), expected))];
    }

    private static string Check(KernelSet set, float[] actual, float[] expected)
    {
        var distance = Math.Sqrt(actual.Zip(expected, (a, b) => ((double)a - b) * (a - b)).Average());
        var mean = expected.Average(value => (double)value);
        var relative = distance / Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
        return relative <= Tolerance
            ? $"{set} agrees with the reference: {(relative == 0 ? "equal bits" : $"{relative:E1} of the logits' deviation")}"
            : throw new InvalidDataException($"{set} differs from the reference by {relative:E2} of the logits' deviation, where {Tolerance:E0} is allowed: no speed is printed.");
    }

    private static float[] Logits(GgufModel model, int[] tokens, int threads, KernelSet set)
    {
        using var context = new ComputeContext(threads, set, arithmetic: Arithmetic.Fast);
        using var arena = new Arena();
        var (operations, config) = (new Operations(context, arena), model.Decoder.Config);
        using var cache = new KVCache(config.Layers, config.KVHeads, config.HeadDim, PromptBlocks + EngineSideOptions.MaxSequences, DType.F16);
        var attention = new AttentionBatch([], cache);
        var logits = new List<float>();
        var done = 0;
        foreach (var spans in Steps())
        {
            arena.Reset();
            attention.Rebind(spans);
            var hidden = model.Decoder.Forward(operations, tokens.AsMemory(done, attention.Rows), attention);
            logits.AddRange(model.Decoder.Logits(operations, hidden).ToHost());
            done += attention.Rows;
        }

        return [.. logits];
    }

    private static IEnumerable<AttentionSpan[]> Steps()
    {
        int[] blocks = [.. Enumerable.Range(0, PromptBlocks + EngineSideOptions.MaxSequences)];
        yield return [new AttentionSpan(0, PromptTokens, 0, blocks.AsMemory(0, PromptBlocks))];
        yield return [new AttentionSpan(0, 1, PromptTokens, blocks.AsMemory(0, PromptBlocks))];
        yield return [.. Enumerable.Range(0, EngineSideOptions.MaxSequences).Select(i => new AttentionSpan(i, 1, 0, blocks.AsMemory(PromptBlocks + i, 1)))];
    }
}
