namespace Parley.Tensors.Tests;

/// <summary>Rotary embedding: both styles against complex multiplication, every width, and back again.</summary>
public sealed class RopeTests
{
    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Theory]
    [InlineData(RotaryStyle.Neox)]
    [InlineData(RotaryStyle.Interleaved)]
    public void Each_pair_is_turned_by_its_angle(RotaryStyle style)
    {
        const int heads = 2, headDim = 48;
        using var context = new ComputeContext(1);
        using var table = new RotaryTable(headDim, 100, 10_000, style);
        using Tensor x = Variants.Normal(new(3, heads * headDim), 1), output = Tensor.Allocate(x.Shape);
        int[] positions = [0, 7, 99];
        context.Device.Rope(x, heads, table, positions, output);
        double[] values = [.. x.ToArray()], expected = new double[values.Length];
        for (var pair = 0; pair < values.Length / 2; pair++)
        {
            var (head, i) = Math.DivRem(pair, headDim / 2);
            var (a, b) = style == RotaryStyle.Neox ? (i, i + headDim / 2) : (2 * i, 2 * i + 1);
            var angle = positions[head / heads] * Math.Pow(10_000, -2.0 * i / headDim);
            var (first, second) = (values[head * headDim + a], values[head * headDim + b]);
            expected[head * headDim + a] = first * Math.Cos(angle) - second * Math.Sin(angle);
            expected[head * headDim + b] = second * Math.Cos(angle) + first * Math.Sin(angle);
        }

        Variants.Near(expected, output.ToHost(), 1e-6);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_agrees_with_the_scalar_reference(KernelSet set, int threads)
    {
        using ComputeContext reference = new(1, KernelSet.Reference), context = new(threads, set);
        foreach (var headDim in (int[])[16, 24, 48, 64])
        {
            foreach (var style in Enum.GetValues<RotaryStyle>())
            {
                using var table = new RotaryTable(headDim, 300, 10_000, style);
                using Tensor x = Variants.Normal(new(300, 3 * headDim), 1), expected = Tensor.Allocate(x.Shape), actual = Tensor.Allocate(x.Shape);
                var positions = Variants.Integers(300, 300, 2);
                reference.Device.Rope(x, 3, table, positions, expected);
                context.Device.Rope(x, 3, table, positions, actual);
                Variants.SameBits(expected.ToHost(), actual.ToHost());
                reference.Device.Rope(x, 3, table, positions, expected, backward: true, accumulate: true);
                context.Device.Rope(x, 3, table, positions, actual, backward: true, accumulate: true);
                Variants.SameBits(expected.ToHost(), actual.ToHost());
            }
        }
    }

    [Theory]
    [InlineData(48, 24, RotaryStyle.Neox)]
    [InlineData(24, 12, RotaryStyle.Neox)]
    [InlineData(80, 10, RotaryStyle.Neox)]
    [InlineData(48, 24, RotaryStyle.Interleaved)]
    [InlineData(32, 6, RotaryStyle.Interleaved)]
    public void In_one_pass_norm_and_turn_have_the_bits_of_two(int headDim, int pairs, RotaryStyle style)
    {
        using var context = new ComputeContext(2);
        using var arena = new Arena();
        using var table = new RotaryTable(headDim, 300, [.. Enumerable.Range(0, pairs).Select(i => 1.0 / (i + 1))], style);
        using var norm = new Parameter("norm", Variants.Normal(new(headDim), 3));
        using var given = Variants.Normal(new(200, 5 * headDim), 1);
        var positions = Variants.Integers(200, 300, 2);
        var operations = new Autograd.Operations(context, arena);
        foreach (var weight in (Parameter?[])[norm, null])
        {
            var normed = weight is null ? given : operations.RmsNorm(given, weight, 1e-5f);
            var expected = operations.Rope(normed, 5, table, positions);
            var x = arena.Take(given.Shape);
            x.CopyFrom(given);
            Assert.Same(x, operations.NormRope(x, 5, weight, 1e-5f, table, positions));
            Variants.SameBits(expected.ToHost(), x.ToHost());
            var recorded = new Autograd.Operations(context, arena, new Autograd.Tape()).NormRope(given, 5, weight, 1e-5f, table, positions);
            Variants.SameBits(expected.ToHost(), recorded.ToHost());
        }
    }

    [Fact]
    public void Bad_sizes_and_positions_are_named()
    {
        var error = Assert.Throws<ArgumentException>(() => new RotaryTable(23, 10, 10_000));
        Assert.Contains("23", error.Message, StringComparison.Ordinal);
        using var context = new ComputeContext(1);
        using var table = new RotaryTable(16, 10, 10_000);
        using Tensor x = Tensor.Allocate(new(1, 16)), output = Tensor.Allocate(new(1, 16));
        error = Assert.Throws<ArgumentException>(() => context.Device.Rope(x, 1, table, new[] { 10 }, output));
        Assert.Contains("Position 10", error.Message, StringComparison.Ordinal);
    }
}
