using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>Chunked linear and cross-entropy: value against double, gradient by differences, skipped rows, bits.</summary>
public sealed class CrossEntropyTests
{
    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Fact]
    public void The_loss_is_the_weighted_sum_of_negative_log_probabilities()
    {
        using var given = new Given(9, 24, 37);
        using var context = new ComputeContext(2);
        using var arena = new Arena();
        var losses = new float[9];
        var loss = new Operations(context, arena).CrossEntropy(given.HiddenRows, given.Head, given.Targets, given.Weights, 0.5f, losses);
        double[] hidden = [.. given.HiddenRows.ToArray()], head = [.. given.Head.Value.ToArray()];
        var expected = new double[9];
        for (var row = 0; row < 9; row++)
        {
            if (given.Targets[row] == -1 || given.Weights[row] == 0) continue;
            double[] logits = [.. Enumerable.Range(0, 37).Select(n => Enumerable.Range(0, 24).Sum(d => hidden[row * 24 + d] * head[n * 24 + d]))];
            expected[row] = Math.Log(logits.Sum(Math.Exp)) - logits[given.Targets[row]];
        }

        Variants.Near(expected, losses, 1e-5);
        Assert.Equal(expected.Select((e, row) => e * given.Weights[row]).Sum() * 0.5, loss, 1e-4);
    }

    [Fact]
    public void Its_gradient_is_that_of_the_loss()
    {
        using var given = new Given(9, 24, 37);
        GradientCheck.Assert([given.Hidden, given.Head], operations => operations.CrossEntropy(
            GradientCheck.Activation(operations, given.Hidden), given.Head, given.Targets, given.Weights, 0.25f));
        int[] all = [.. given.Targets.Select(target => Math.Max(target, 0))];
        GradientCheck.Assert([given.Hidden, given.Head], operations => operations.CrossEntropy(
            GradientCheck.Activation(operations, given.Hidden), given.Head, all, default, 0.25f));
    }

    [Theory, MemberData(nameof(Sets))]
    public void More_rows_than_a_chunk_give_the_same_bits_at_every_width(KernelSet set, int threads)
    {
        using var given = new Given(600, 5, 33);
        var (expected, actual) = (Reference.Value, given.Run(set, threads));
        for (var i = 0; i < expected.Length; i++) Variants.SameBits(expected[i], actual[i]);
    }

    [Fact]
    public void A_row_that_is_skipped_changes_nothing()
    {
        using Given given = new(6, 16, 20), shorter = new(5, 16, 20);
        int[] targets = [3, 1, 4, 1, 5, -1];
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        Assert.Equal(
            operations.CrossEntropy(shorter.HiddenRows, given.Head, targets.AsMemory(0, 5), default, 1),
            operations.CrossEntropy(given.HiddenRows, given.Head, targets, default, 1));
        Assert.Equal(0, operations.CrossEntropy(given.HiddenRows, given.Head, new[] { -1, -1, -1, -1, -1, -1 }, default, 1));
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_named()
    {
        using var given = new Given(1, 16, 20);
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        var error = Assert.Throws<ArgumentException>(() => operations.CrossEntropy(given.HiddenRows, given.Head, new[] { 20 }, default, 1));
        Assert.Contains("Target 20", error.Message, StringComparison.Ordinal);
    }

    private static readonly Lazy<float[][]> Reference = new(() =>
    {
        using var given = new Given(600, 5, 33);
        return given.Run(KernelSet.Reference, 1);
    });

    /// <summary>Random rows, a random head, targets of which some are -1, weights of which some are 0.</summary>
    private sealed class Given(int rows, int width, int vocabulary) : IDisposable
    {
        internal Parameter Hidden { get; } = new("hidden", Variants.Normal(new(rows, width), 1));

        internal Tensor HiddenRows => Hidden.Value;

        internal Parameter Head { get; } = new("head", Variants.Normal(new(vocabulary, width), 2, 0.5f));

        internal int[] Targets { get; } = [.. Variants.Integers(rows, vocabulary + 1, 3).Select((target, i) => i == 2 ? -1 : target - 1)];

        internal float[] Weights { get; } = [.. Enumerable.Range(0, rows).Select(row => row % 4 * 0.5f)];

        internal float[][] Run(KernelSet set, int threads)
        {
            using var context = new ComputeContext(threads, set);
            using var arena = new Arena();
            var tape = new Tape();
            var operations = new Operations(context, arena, tape);
            Hidden.RequireGradient();
            Head.RequireGradient();
            var losses = new float[rows];
            operations.CrossEntropy(GradientCheck.Activation(operations, Hidden), Head, Targets, Weights, 0.1f, losses);
            tape.Backward();
            return [losses, Hidden.Gradient!.ToArray(), Head.Gradient!.ToArray()];
        }

        public void Dispose()
        {
            Hidden.Dispose();
            Head.Dispose();
        }
    }
}
