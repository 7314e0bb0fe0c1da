using Parley.Tensors.Autograd;

namespace Parley.Tensors.Tests;

/// <summary>Linear maps of F32 weights with both operands rounded to BF16: forward, input gradient and weight gradient.</summary>
public sealed class BFloat16ProductTests
{
    public static TheoryData<int, int, int> Sizes => new() { { 1, 1, 1 }, { 3, 17, 5 }, { 9, 48, 33 }, { 70, 50, 130 }, { 600, 40, 31 }, { 5, 20, 3100 } };

    [Theory, MemberData(nameof(Sizes))]
    public void All_three_products_sum_rounded_operands(int rows, int outputs, int inputs)
    {
        foreach (var set in Variants.Sets)
        {
            using var context = new ComputeContext(2, set, products: DType.BF16);
            var (y, dx, dw) = Products(context, rows, outputs, inputs);
            double[] x = Rounded(new(rows, inputs), 1), w = Rounded(new(outputs, inputs), 2), dy = Rounded(new(rows, outputs), 3);
            Near(rows, outputs, inputs, (t, n, k) => x[t * inputs + k] * w[n * inputs + k], y);
            Near(rows, inputs, outputs, (t, k, n) => dy[t * outputs + n] * w[n * inputs + k], dx);
            Near(outputs, inputs, rows, (n, k, t) => dy[t * outputs + n] * x[t * inputs + k], dw);
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void Threads_do_not_show_and_vector_sets_agree(int rows, int outputs, int inputs)
    {
        using var reference = new ComputeContext(1, KernelSet.Reference, products: DType.BF16);
        var expected = Products(reference, rows, outputs, inputs);
        foreach (var set in Variants.Sets)
        {
            for (var threads = 1; threads <= 3; threads++)
            {
                using var context = new ComputeContext(threads, set, products: DType.BF16);
                var actual = Products(context, rows, outputs, inputs);

                // No number here is denormal, which only the assembled set would take for zero.
                Variants.SameBits(expected.Y, actual.Y);
                Variants.SameBits(expected.Dx, actual.Dx);
                Variants.SameBits(expected.Dw, actual.Dw);
            }
        }
    }

    [Fact]
    public void A_row_alone_has_the_bits_it_has_among_others()
    {
        using var context = new ComputeContext(2, products: DType.BF16);
        using var x = Variants.Normal(new(700, 50), 1);
        using var weight = new Parameter("w", Variants.Normal(new(60, 50), 2));
        using Tensor all = Tensor.Allocate(new(700, 60)), alone = Tensor.Allocate(new(1, 60));
        context.Device.Linear(x, weight, null, all);
        context.Device.Linear(x.Rows(421, 1), weight, null, alone);
        Variants.SameBits(all.Rows(421, 1).ToHost(), alone.ToHost());
    }

    [Fact]
    public void Gradients_are_those_of_fp32_within_the_rounding()
    {
        using Parameter x = new("x", Variants.Normal(new(40, 64), 1)), weight = new("w", Variants.Normal(new(48, 64), 2)), bias = new("b", Variants.Normal(new(48), 3));
        var (exact, rounded) = (Gradients(DType.F32), Gradients(DType.BF16));
        for (var i = 0; i < exact.Length; i++)
        {
            var distance = Math.Sqrt(exact[i].Zip(rounded[i], (a, b) => ((double)a - b) * (a - b)).Sum() / exact[i].Sum(a => (double)a * a));
            Assert.InRange(distance, i == 2 ? 0 : 1e-6, 1e-2); // two operands, each rounded to 8 bits; a bias is no product
        }

        float[][] Gradients(DType products)
        {
            using var context = new ComputeContext(2, products: products);
            using var arena = new Arena();
            var tape = new Tape();
            var operations = new Operations(context, arena, tape);
            foreach (var parameter in new[] { x, weight, bias }) parameter.RequireGradient().Fill(0);
            GradientCheck.Project(operations, operations.Linear(GradientCheck.Activation(operations, x), weight, bias));
            tape.Backward();
            return [x.Gradient!.ToArray(), weight.Gradient!.ToArray(), bias.Gradient!.ToArray()];
        }
    }

    [Fact]
    public void Other_types_are_refused_by_name() =>
        Assert.Contains("F16", Assert.Throws<ArgumentException>(() => new ComputeContext(1, products: DType.F16)).Message, StringComparison.Ordinal);

    private static (float[] Y, float[] Dx, float[] Dw) Products(ComputeContext context, int rows, int outputs, int inputs)
    {
        using Tensor x = Variants.Normal(new(rows, inputs), 1), dy = Variants.Normal(new(rows, outputs), 3);
        using var weight = new Parameter("w", Variants.Normal(new(outputs, inputs), 2));
        using Tensor y = Tensor.Allocate(dy.Shape), dx = Tensor.Allocate(x.Shape);
        context.Device.Linear(x, weight, null, y, exact: true);
        context.Device.LinearInputGradient(dy, weight, dx);
        context.Device.LinearWeightGradient(dy, x, weight.RequireGradient());
        return (y.ToArray(), dx.ToArray(), weight.Gradient!.ToArray());
    }

    private static double[] Rounded(Shape shape, ulong stream)
    {
        using Tensor exact = Variants.Normal(shape, stream), rounded = Tensor.Allocate(shape, DType.BF16);
        rounded.CopyFrom(exact);
        return [.. rounded.ToArray()];
    }

    private static void Near(int rows, int columns, int depth, Func<int, int, int, double> product, float[] actual)
    {
        for (var row = 0; row < rows; row += 7)
        {
            for (var column = 0; column < columns; column += 3)
            {
                double sum = 0, size = 0;
                for (var k = 0; k < depth; k++)
                {
                    sum += product(row, column, k);
                    size += Math.Abs(product(row, column, k));
                }

                Assert.Equal(sum, actual[row * columns + column], 1e-6 * (1 + size));
            }
        }
    }
}
