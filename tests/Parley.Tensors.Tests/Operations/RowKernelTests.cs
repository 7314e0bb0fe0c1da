using Parley.Tensors.Autograd;
using Parley.Tensors.Optimizers;

namespace Parley.Tensors.Tests;

/// <summary>Each kernel on rows and elements gives the bits of the scalar reference at every width and with two threads, odd lengths too.</summary>
public sealed class RowKernelTests
{
    private static readonly (int Rows, int Columns)[] Sizes = [(1, 1), (3, 15), (2, 16), (5, 17), (1, 33), (700, 31), (2, 9001)];

    private static readonly Lazy<List<float[]>> Reference = new(() =>
    {
        using var context = new ComputeContext(1, KernelSet.Reference);
        return AllResults(context);
    });

    public static TheoryData<KernelSet, int> Sets => Variants.All;

    [Theory, MemberData(nameof(Sets))]
    public void Every_variant_agrees_with_the_scalar_reference(KernelSet set, int threads)
    {
        using var context = new ComputeContext(threads, set);
        var expected = Reference.Value;
        var actual = AllResults(context);
        for (var i = 0; i < expected.Count; i++) Variants.SameBits(expected[i], actual[i]);
    }

    [Fact]
    public void A_row_alone_has_the_bits_it_has_among_others()
    {
        using var context = new ComputeContext(2);
        var device = context.Device;
        using var x = Variants.Normal(new(700, 50), 1);
        using var weight = Variants.Normal(new(50), 2);
        using var output = Tensor.Allocate(x.Shape);
        using var inverse = Tensor.Allocate(new(700));
        device.RmsNorm(x, weight, 1e-5f, output, inverse);
        using var alone = Tensor.Allocate(new(1, 50));
        device.RmsNorm(x.Rows(421, 1), weight, 1e-5f, alone, inverse.Rows(0, 1));
        Variants.SameBits(output.Rows(421, 1).ToHost(), alone.ToHost());

        device.Softmax(x);
        using var again = Variants.Normal(new(700, 50), 1);
        device.Softmax(again.Rows(699, 1));
        Variants.SameBits(x.Rows(699, 1).ToHost(), again.Rows(699, 1).ToHost());
    }

    [Fact]
    public void Norm_softmax_and_activation_match_double_precision()
    {
        using var context = new ComputeContext(1);
        using Tensor x = Variants.Normal(new(3, 37), 1), up = Variants.Normal(new(3, 37), 2), weight = Variants.Normal(new(37), 3);
        using Tensor output = Tensor.Allocate(x.Shape), inverse = Tensor.Allocate(new(3));
        double[] values = [.. x.ToArray()], others = [.. up.ToArray()], weights = [.. weight.ToArray()];
        context.Device.RmsNorm(x, weight, 1e-5f, output, inverse);
        var norms = values.Select((v, i) =>
            v * weights[i % 37] / Math.Sqrt(values.Skip(i / 37 * 37).Take(37).Sum(u => u * u) / 37 + 1e-5));
        Variants.Near([.. norms], output.ToHost(), 1e-6);
        context.Device.SwiGlu(x, up, output);
        Variants.Near([.. values.Select((v, i) => v / (1 + Math.Exp(-v)) * others[i])], output.ToHost(), 1e-6);
        context.Device.Softmax(x);
        var softmax = values.Select((v, i) => Math.Exp(v) / values.Skip(i / 37 * 37).Take(37).Sum(Math.Exp));
        Variants.Near([.. softmax], x.ToHost(), 1e-6);
    }

    [Fact]
    public void AdamW_steps_as_published()
    {
        using var context = new ComputeContext(1);
        using var parameter = new Parameter("w", Variants.Normal(new(5, 7), 1));
        using Tensor first = Tensor.Allocate(new(5, 7)), second = Tensor.Allocate(new(5, 7));
        double[] weight = [.. parameter.Value.ToArray()], m = new double[35], v = new double[35];
        for (var step = 1; step <= 3; step++)
        {
            Philox.FillNormal(parameter.RequireGradient(), 7, (ulong)step, 1);
            var gradient = parameter.Gradient!.ToArray();
            new AdamW(context).Step([parameter], [first], [second], new(1e-2f, 0.9f, 0.95f, 1e-8f, 0.1f, step));
            for (var i = 0; i < 35; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * gradient[i];
                v[i] = 0.95 * v[i] + 0.05 * gradient[i] * gradient[i];
                var update = m[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.95, step))) + 1e-8);
                weight[i] -= 1e-2 * (update + 0.1 * weight[i]);
            }
        }

        Variants.Near(weight, parameter.Value.ToHost(), 1e-5);
        Assert.Equal(3, parameter.Version);
    }

    [Fact]
    public void The_squared_norm_is_a_function_of_the_values_alone()
    {
        using ComputeContext one = new(1, KernelSet.Reference), two = new(2);
        using var values = Variants.Normal(new(50_003), 1);
        var expected = values.ToArray().Sum(v => (double)v * v);
        Assert.Equal(expected, new TensorMath(two).SquaredNorm(values), expected * 1e-6);
        Assert.Equal(new TensorMath(one).SquaredNorm(values), new TensorMath(two).SquaredNorm(values));
    }

    [Fact]
    public void Indices_out_of_range_are_named()
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        using var table = new Parameter("t", Tensor.Allocate(new(4, 16)));
        var operations = new Operations(context, arena);
        var error = Assert.Throws<ArgumentException>(() => operations.Embedding(table, new[] { 1, 4 }));
        Assert.Contains("Index 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embeddings_come_out_of_any_storage_type()
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        using var source = Variants.Normal(new(9, 256), 1);
        foreach (var type in Enum.GetValues<DType>())
        {
            using var table = new Parameter("t", Tensor.Allocate(source.Shape, type));
            table.Value.CopyFrom(source);
            var rows = new Operations(context, arena).Embedding(table, new[] { 8, 0, 8 });
            Variants.SameBits(table.Value.ToArray().AsSpan(8 * 256, 256), rows.Rows(2, 1).ToHost());
            Variants.SameBits(table.Value.ToArray().AsSpan(0, 256), rows.Rows(1, 1).ToHost());
        }
    }

    /// <summary>Odd lengths, and enough rows or columns that two threads share the work.</summary>
    private static List<float[]> AllResults(ComputeContext context) =>
        [.. Sizes.SelectMany(size => Results(context, size.Rows, size.Columns))];

    /// <summary>What every kernel makes of the same numbers.</summary>
    private static List<float[]> Results(ComputeContext context, int rows, int columns)
    {
        var device = context.Device;
        var shape = new Shape(rows, columns);
        using Tensor x = Variants.Normal(shape, 1), y = Variants.Normal(shape, 2), z = Variants.Normal(shape, 3);
        using Tensor weight = Variants.Normal(new(columns), 4), output = Tensor.Allocate(shape), inverse = Tensor.Allocate(new(rows));
        using Tensor sum = Variants.Normal(new(columns), 5), other = Variants.Normal(shape, 6), table = Variants.Normal(new(7, columns), 7);
        List<float[]> results = [];
        void Keep(params Tensor[] tensors) => results.AddRange(tensors.Select(tensor => tensor.ToArray()));

        device.RmsNorm(x, weight, 1e-5f, output, inverse);
        Keep(output, inverse);
        device.RmsNormInputGradient(y, x, weight, inverse, output);
        device.RmsNormInputGradient(y, x, weight, inverse, other, accumulate: true);
        device.RmsNormWeightGradient(y, x, inverse, sum);
        Keep(output, other, sum);
        using Tensor bias = Variants.Normal(new(columns), 8), statistics = Tensor.Allocate(new(rows, 2));
        device.LayerNorm(x, weight, bias, 1e-5f, output, statistics);
        Keep(output, statistics);
        device.LayerNormInputGradient(y, x, weight, statistics, output);
        device.LayerNormInputGradient(y, x, weight, statistics, other, accumulate: true);
        device.LayerNormWeightGradient(y, x, statistics, sum, bias);
        Keep(output, other, sum, bias);
        device.SwiGlu(x, y, output);
        Keep(output);
        device.SwiGluGradient(z, x, y, output, other, (false, true));
        Keep(output, other);
        device.Add(x, y, output);
        device.Scale(output, 0.37f);
        Keep(output);
        var indices = Variants.Integers(rows, 7, 8);
        device.Gather(table, indices, output);
        device.ScatterAdd(x, indices, table);
        Keep(output, table);
        var losses = new double[rows];
        var targets = Variants.Integers(rows, columns, 9);
        device.CrossEntropy(x, targets, Enumerable.Range(0, rows).Select(row => row * 0.25f).ToArray(), losses);
        device.Softmax(z);
        Keep(x, z);
        results.Add([.. losses.Select(loss => (float)loss), (float)device.SquaredNorm(y)]);
        device.AdamW(x, y, other, z, new(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3));
        Keep(x, other, z);
        return results;
    }
}
