using Parley.Inference;
using Parley.Models;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Host.Benches.Engines;

/// <summary>
/// Before a speed is printed: every kernel set that is timed must agree with the reference on the very model, logit by logit, and its engine
/// must give the reference's greedy tokens.
/// </summary>
internal static class EngineComparison
{
    private const int Tokens = 8;

    /// <summary>What rounding in another way may move, in standard deviations of the logits; sets of equal arithmetic move nothing.</summary>
    private const double Tolerance = 2e-2;

    /// <returns>One sentence a set, for people.</returns>
    /// <exception cref="InvalidDataException">A set disagrees.</exception>
    public static IReadOnlyList<string> Check(string path, int vocabulary, int threads, IEnumerable<KernelSet> sets)
    {
        using var model = GgufModel.Load(path);
        var tokens = BenchPrompt.Of(0, Tokens, vocabulary);
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
        var operations = new Operations(context, arena);
        var hidden = model.Decoder.Forward(operations, tokens, AttentionBatch.Whole(1, tokens.Length));
        return model.Decoder.Logits(operations, hidden).ToArray();
    }
}
