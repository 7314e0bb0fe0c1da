using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>The operations that some architectures need beside a Llama's: values against double precision, bits at every width.</summary>
public sealed class ModelKernelTests
{
    private const int Rows = 700, Columns = 45;

    private static readonly Lazy<List<float[]>> Reference = new(() =>
    {
        using var context = new ComputeContext(1, KernelSet.Reference);
        return Results(context);
    });

    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_agrees_with_the_scalar_reference(KernelSet set, int threads)
    {
        using var context = new ComputeContext(threads, set);
        foreach (var (expected, actual) in Reference.Value.Zip(Results(context))) Variants.SameBits(expected, actual);
    }

    [Fact]
    public void Values_match_double_precision()
    {
        using Tensor gain = Variants.Normal(new(Columns), 3), bias = Variants.Normal(new(Columns), 4), x = Variants.Normal(new(Rows, Columns), 1), up = Variants.Normal(x.Shape, 2);
        double[] values = [.. x.ToArray()], others = [.. up.ToArray()], gains = [.. gain.ToArray()], biases = [.. bias.ToArray()];
        using var context = new ComputeContext(1);
        var results = Results(context);
        var norms = values.Chunk(Columns).SelectMany(row =>
        {
            var mean = row.Average();
            var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-5);
            return row.Select((value, i) => (value - mean) / deviation * gains[i] + biases[i]);
        });
        Variants.Near([.. norms], results[0], 2e-6);
        Variants.Near([.. values.Select((value, i) => Gelu(value) * others[i])], results[1], 2e-6);
        Variants.Near([.. values.Select(Gelu)], results[2], 2e-6);
        Variants.Near([.. values.Select(value => 2 * Math.Tanh(value / 2))], results[3], 2e-6);
        Variants.Near([.. values.Select((value, i) => value + 0.3f * others[i])], results[4], 1e-6);

        static double Gelu(double value) => value / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_token_goes_through_its_likeliest_experts_whoever_else_is_there(bool normalise)
    {
        const int experts = 5, each = 2, width = 20, inner = 24;
        var weights = Enumerable.Range(0, experts).Select(i => new ExpertWeights(
            Random(new(inner, width), 10 + i), Random(new(inner, width), 20 + i), Random(new(width, inner), 30 + i))).ToArray();
        using Tensor x = Variants.Normal(new(90, width), 1), scores = Variants.Normal(new(90, experts), 2);
        using var context = new ComputeContext(2);
        var together = Mix(context, x, scores, weights, new(each, normalise, Gelu: false));
        var expected = Enumerable.Range(0, 90).SelectMany(row => Mix(context, x.Rows(row, 1), scores.Rows(row, 1), weights, new(each, normalise, Gelu: false))).ToArray();
        Variants.SameBits(expected, together);
        Variants.Near([.. Enumerable.Range(0, 90).SelectMany(row => Expected(row))], together, 1e-4);
        foreach (var weight in weights.SelectMany(expert => (Parameter[])[expert.Gate, expert.Up, expert.Down])) weight.Dispose();

        double[] Expected(int row)
        {
            double[] input = [.. x.Rows(row, 1).ToArray()], score = [.. scores.Rows(row, 1).ToArray()];
            var shares = score.Select(s => Math.Exp(s) / score.Sum(Math.Exp)).ToArray();
            var chosen = Enumerable.Range(0, experts).OrderByDescending(expert => shares[expert]).Take(each).ToArray();
            var sum = normalise ? chosen.Sum(expert => shares[expert]) : 1;
            var output = new double[width];
            foreach (var expert in chosen)
            {
                double[] gate = Times(weights[expert].Gate, input), up = Times(weights[expert].Up, input);
                var fed = Times(weights[expert].Down, [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]);
                for (var i = 0; i < width; i++) output[i] += shares[expert] / sum * fed[i];
            }

            return output;
        }
    }

    [Fact]
    public void Equal_scores_go_to_the_lower_expert()
    {
        ExpertWeights[] weights = [.. Enumerable.Range(0, 3).Select(i => new ExpertWeights(Random(new(16, 16), i), Random(new(16, 16), 5 + i), Random(new(16, 16), 9 + i)))];
        using Tensor x = Variants.Normal(new(1, 16), 1), equal = Tensor.Allocate(new(1, 3)), ranked = Tensor.FromHost(new(1, 3), [2, 1, 0]);
        using var context = new ComputeContext(1);
        Assert.Equal(Mix(context, x, ranked, weights[..2], new(1, true, false), columns: 2), Mix(context, x, equal, weights, new(1, true, false)));
    }

    [Fact]
    public void Without_a_gradient_a_tape_is_refused_by_name()
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var operations = new Operations(context, arena, new Tape());
        var x = arena.Take(new(1, 16));
        Assert.Contains("experts", Assert.Throws<NotSupportedException>(() => operations.Experts(x, x, [], default)).Message, StringComparison.Ordinal);
        Assert.Contains("cap", Assert.Throws<NotSupportedException>(() => operations.SoftCap(x, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_released_mark_gives_the_memory_again_and_keeps_what_was_before()
    {
        using var arena = new Arena();
        var kept = arena.Take(new(10));
        kept.Fill(5);
        var mark = arena.Mark();
        var used = arena.UsedBytes;
        var first = arena.Take(new(1 << 21)); // more than the first block
        arena.Release(mark);
        Assert.Equal(used, arena.UsedBytes);
        Assert.Same(first, arena.Take(new(3)));
        Assert.All(kept.ToArray(), value => Assert.Equal(5, value));
        mark = arena.Mark();
        arena.Reset();
        Assert.Throws<ArgumentException>(() => arena.Release(mark));
    }

    private static List<float[]> Results(ComputeContext context)
    {
        using Tensor x = Variants.Normal(new(Rows, Columns), 1), up = Variants.Normal(x.Shape, 2), gain = Variants.Normal(new(Columns), 3), bias = Variants.Normal(new(Columns), 4);
        using var output = Tensor.Allocate(x.Shape);
        using var gradient = Tensor.Allocate(x.Shape);
        var device = context.Device;
        device.LayerNorm(x, gain, bias, 1e-5f, output);
        var results = new List<float[]> { output.ToArray() };
        device.Gelu(x, up, output);
        results.Add(output.ToArray());
        device.Gelu(x, up: null, output);
        results.Add(output.ToArray());
        output.CopyFrom(x);
        device.SoftCap(output, 2);
        results.Add(output.ToArray());
        device.AddScaled(x, up, 0.3f, output);
        results.Add(output.ToArray());
        device.GeluGradient(up, x, up, output, gradient, (false, true));
        results.Add(output.ToArray());
        results.Add(gradient.ToArray());
        return results;
    }

    private static float[] Mix(ComputeContext context, Tensor x, Tensor scores, ExpertWeights[] experts, ExpertRouting routing, int? columns = null)
    {
        using var arena = new Arena();
        var given = arena.Take(new(scores.Shape.Rows, columns ?? scores.Shape.Last));
        given.CopyFrom(scores.ToArray().AsSpan(0, (int)given.Shape.Count));
        return new Operations(context, arena).Experts(x, given, experts, routing).ToArray();
    }

    private static double[] Times(Parameter weight, double[] input)
    {
        var values = weight.Value.ToArray();
        return [.. Enumerable.Range(0, weight.Value.Shape[0]).Select(row => input.Select((value, i) => value * values[row * input.Length + i]).Sum())];
    }

    private static Parameter Random(Shape shape, int stream) => new("weight", Variants.Normal(shape, (ulong)stream, 0.3f));
}
