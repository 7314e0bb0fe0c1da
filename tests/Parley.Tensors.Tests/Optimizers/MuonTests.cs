using Parley.Tensors.Optimizers;

namespace Parley.Tensors.Tests;

/// <summary>Muon's Newton-Schulz iteration against the same in double precision, what it does to singular values, and its bits.</summary>
public sealed class MuonTests
{
    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Theory]
    [InlineData(24, 40)]
    [InlineData(40, 24)]
    [InlineData(33, 33)]
    public void Five_iterations_match_double_precision(int rows, int columns)
    {
        using var matrix = Variants.Normal(new(rows, columns), 1);
        using var context = new ComputeContext(2);
        using var muon = new Muon(context);
        var actual = muon.Orthogonalise(matrix).ToArray();
        Variants.Near(NewtonSchulz([.. matrix.ToArray()], rows, columns), actual, 1e-4);

        // A matrix of R rows and C >= R columns whose singular values are all 1 has R as its squared norm.
        Assert.InRange(actual.Sum(value => (double)value * value) / Math.Min(rows, columns), 0.5, 1.3);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_takes_the_step_of_the_scalar_reference(KernelSet set, int threads)
    {
        foreach (var (expected, actual) in Steps(KernelSet.Reference, 1).Zip(Steps(set, threads))) Variants.SameBits(expected, actual);
    }

    [Fact]
    public void A_step_has_the_size_of_AdamW_s_and_decays()
    {
        using var context = new ComputeContext(1);
        using var muon = new Muon(context);
        using var weight = new Parameter("w", Tensor.Allocate(new(64, 96)));
        weight.RequireGradient().CopyFrom(Variants.Normal(new(64, 96), 1).ToArray());
        using var momentum = Tensor.Allocate(new(64, 96));
        muon.Step([weight], [momentum], new MuonStep(0.01f, 0.95f, 0));
        var size = Math.Sqrt(weight.Value.ToArray().Average(value => (double)value * value));
        Assert.InRange(size / 0.01, 0.12, 0.24);
        Assert.Equal(1, weight.Version);

        weight.Value.Fill(1);
        weight.Gradient!.Fill(0);
        momentum.Fill(0);
        muon.Step([weight], [momentum], new MuonStep(0.01f, 0.95f, 0.5f));
        Assert.All(weight.Value.ToArray(), value => Assert.Equal(1 - 0.005f, value, 6));
    }

    private static List<float[]> Steps(KernelSet set, int threads)
    {
        using var context = new ComputeContext(threads, set);
        using var muon = new Muon(context);
        using Parameter wide = new("wide", Variants.Normal(new(20, 37), 1)), tall = new("tall", Variants.Normal(new(37, 20), 2));
        using Tensor first = Tensor.Allocate(new(20, 37)), second = Tensor.Allocate(new(37, 20));
        for (ulong step = 0; step < 2; step++)
        {
            using Tensor a = Variants.Normal(new(20, 37), 10 + step), b = Variants.Normal(new(37, 20), 20 + step);
            wide.RequireGradient().CopyFrom(a);
            tall.RequireGradient().CopyFrom(b);
            muon.Step([wide, tall], [first, second], new MuonStep(0.02f, 0.95f, 0.1f));
        }

        return [wide.Value.ToArray(), tall.Value.ToArray(), first.ToArray(), second.ToArray()];
    }

    private static double[] NewtonSchulz(double[] x, int rows, int columns)
    {
        var norm = Math.Sqrt(x.Sum(value => value * value));
        x = [.. x.Select(value => value / norm)];
        for (var iteration = 0; iteration < 5; iteration++)
        {
            // X <- a X + (b A + c A A) X with A = X X^T.
            var gram = Product(x, Transposed(x, rows, columns), rows, columns, rows);
            var square = Product(gram, gram, rows, rows, rows);
            double[] polynomial = [.. gram.Zip(square, (one, two) => (-4.7750 * one) + (2.0315 * two))];
            x = [.. x.Zip(Product(polynomial, x, rows, rows, columns), (value, product) => (3.4445 * value) + product)];
        }

        return x;
    }

    private static double[] Transposed(double[] x, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => x[(i % rows * columns) + (i / rows)])];

    private static double[] Product(double[] a, double[] b, int rows, int inner, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => Enumerable.Range(0, inner).Sum(k => a[(i / columns * inner) + k] * b[(k * columns) + (i % columns)]))];
}
