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
