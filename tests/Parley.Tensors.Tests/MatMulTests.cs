using Parley.Testing;

namespace Parley.Tensors.Tests;

/// <summary>The three products of a linear layer at every width, against the definition: one chain of fused multiply-adds.</summary>
public sealed class MatMulTests
{
    // Rows, inputs, outputs: tile edges on every side, depth over a block border, single rows, columns, steps.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 7, 15 }, { 1, 64, 48 }, { 1, 515, 33 }, { 2, 17, 49 }, { 3, 8, 16 }, { 4, 40, 97 }, { 5, 31, 64 }, { 7, 100, 50 },
        { 8, 16, 48 }, { 9, 513, 47 }, { 13, 20, 145 }, { 17, 1025, 19 }, { 31, 9, 100 }, { 97, 33, 65 }, { 100, 12, 481 }, { 200, 65, 17 },
        { 141, 1601, 52 }, { 801, 40, 131 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Linear_is_one_chain_over_the_inputs_at_every_width(int rows, int inputs, int outputs)
    {
        using Tensor x = Numbers.Tensor(1, rows, inputs);
        using Parameter weight = new("w", Numbers.Tensor(2, outputs, inputs));
        using Parameter bias = new("b", Tensor.FromHost(new Shape(outputs), Numbers.Normal(outputs, 3)));
        float[] expected = Chains(rows, outputs, inputs, (r, c, k) => (x.ToHost()[r * inputs + k], weight.Value.ToHost()[c * inputs + k]));
        float[] withBias = [.. expected.Select((value, i) => value + bias.Value.ToHost()[i % outputs])];
        ForEachContext(context =>
        {
            using Tensor output = Numbers.Tensor(9, rows, outputs);
            context.Device.Linear(x, weight, null, output);
            Numbers.SameBits(expected, output.ToHost());
            context.Device.Linear(x, weight, bias, output);
            Numbers.SameBits(withBias, output.ToHost());
            context.Device.MatMul(x, weight.Value, output);
            Numbers.SameBits(expected, output.ToHost());
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_inputs_gradient_is_one_chain_over_the_outputs(int rows, int inputs, int outputs)
    {
        using Tensor gradient = Numbers.Tensor(1, rows, outputs);
        using Parameter weight = new("w", Numbers.Tensor(2, outputs, inputs));
        (float A, float B) Factors(int r, int c, int n) => (gradient.ToHost()[r * outputs + n], weight.Value.ToHost()[n * inputs + c]);
        float[] expected = Chains(rows, inputs, outputs, Factors);
        float[] before = Numbers.Normal(rows * inputs, 5);
        float[] added = Chains(rows, inputs, outputs, Factors, before);
        ForEachContext(context =>
        {
            using Tensor result = Tensor.FromHost(new Shape(rows, inputs), before);
            context.Device.LinearInputGradient(gradient, weight, result, accumulate: true);
            Numbers.SameBits(added, result.ToHost());
            context.Device.LinearInputGradient(gradient, weight, result);
            Numbers.SameBits(expected, result.ToHost());
        });
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_weights_gradient_is_one_chain_over_the_rows_that_goes_on_from_what_is_there(int rows, int inputs, int outputs)
    {
        using Tensor gradient = Numbers.Tensor(1, rows, outputs);
        using Tensor x = Numbers.Tensor(2, rows, inputs);
        float[] before = Numbers.Normal(outputs * inputs, 5);
        float[] expected = Chains(outputs, inputs, rows, (n, k, t) => (gradient.ToHost()[t * outputs + n], x.ToHost()[t * inputs + k]), before);
        ForEachContext(context =>
        {
            using Tensor result = Tensor.FromHost(new Shape(outputs, inputs), before);
            context.Device.LinearWeightGradient(gradient, x, result);
            Numbers.SameBits(expected, result.ToHost());
        });
    }

    [Fact]
    public void The_biass_gradient_is_one_chain_of_additions_that_goes_on_from_what_is_there()
    {
        using Tensor gradient = Numbers.Tensor(1, 37, 21);
        float[] expected = Numbers.Normal(21, 2);
        for (int column = 0; column < 21; column++)
        {
            for (int row = 0; row < 37; row++)
            {
                expected[column] += gradient.ToHost()[row * 21 + column];
            }
        }

        ForEachContext(context =>
        {
            using Tensor result = Tensor.FromHost(new Shape(21), Numbers.Normal(21, 2));
            context.Device.LinearBiasGradient(gradient, result);
            Numbers.SameBits(expected, result.ToHost());
        });
    }

    [Fact]
    public void A_row_alone_has_the_bits_it_has_in_a_batch()
    {
        using Tensor x = Numbers.Tensor(1, 61, 700);
        using Parameter weight = new("w", Numbers.Tensor(2, 130, 700));
        using ComputeContext context = new(2);
        using Tensor batch = Tensor.Allocate(new Shape(61, 130));
        context.Device.Linear(x, weight, null, batch);
        foreach ((int first, int count) in new[] { (0, 1), (60, 1), (17, 1), (3, 2), (20, 5), (8, 8), (11, 33) })
        {
            using Tensor part = Tensor.Allocate(new Shape(count, 130));
            context.Device.Linear(x.Rows(first, count), weight, null, part);
            Numbers.SameBits(batch.Rows(first, count).ToHost(), part.ToHost());
        }
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.Q8_0)]
    public void A_stored_type_multiplies_as_its_decoded_values(DType type)
    {
        using Tensor x = Numbers.Tensor(1, 5, 96);
        using Parameter stored = new("w", Tensor.Allocate(new Shape(20, 96), type));
        stored.Value.CopyFrom(Numbers.Normal(20 * 96, 2));
        using Parameter decoded = new("w", Tensor.FromHost(new Shape(20, 96), stored.Value.ToArray()));
        using ComputeContext context = new(1);
        using Tensor expected = Tensor.Allocate(new Shape(5, 20));
        using Tensor actual = Tensor.Allocate(new Shape(5, 20));
        context.Device.Linear(x, decoded, null, expected);
        context.Device.Linear(x, stored, null, actual);
        Numbers.SameBits(expected.ToHost(), actual.ToHost());
    }

    [Fact]
    public void A_changed_weight_is_packed_again_for_both_directions()
    {
        using Tensor x = Numbers.Tensor(1, 3, 20);
        using Parameter weight = new("w", Numbers.Tensor(2, 20, 20));
        using ComputeContext context = new(1);
        using Tensor output = Tensor.Allocate(new Shape(3, 20));
        using Tensor gradient = Tensor.Allocate(new Shape(3, 20));
        context.Device.Linear(x, weight, null, output);
        context.Device.LinearInputGradient(x, weight, gradient);
        weight.Value.Fill(0);
        weight.MarkChanged();
        context.Device.Linear(x, weight, null, output);
        context.Device.LinearInputGradient(x, weight, gradient);
        Assert.All(output.ToArray(), value => Assert.Equal(0, value));
        Assert.All(gradient.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Extents_that_do_not_fit_are_named()
    {
        using Tensor x = Tensor.Allocate(new Shape(3, 20));
        using Parameter weight = new("w", Tensor.Allocate(new Shape(10, 21)));
        using Tensor output = Tensor.Allocate(new Shape(3, 10));
        using ComputeContext context = new(1);
        ArgumentException exception = Assert.Throws<ArgumentException>(() => context.Device.Linear(x, weight, null, output));
        Assert.Contains("[3, 20]", exception.Message, StringComparison.Ordinal);
        Assert.Contains("[10, 21]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeated_product_allocates_nothing()
    {
        using Tensor x = Numbers.Tensor(1, 30, 100);
        using Parameter weight = new("w", Numbers.Tensor(2, 80, 100));
        using Tensor output = Tensor.Allocate(new Shape(30, 80));
        using Tensor gradient = Tensor.Allocate(new Shape(80, 100));
        using ComputeContext context = new(2);
        void Step()
        {
            context.Device.Linear(x, weight, null, output);
            context.Device.LinearInputGradient(output, weight, x);
            context.Device.LinearWeightGradient(output, x, gradient);
        }

        Step();
        Step();
        Assert.Equal(0, Allocations.Least(100, Step));
    }

    private static void ForEachContext(Action<ComputeContext> body)
    {
        foreach (KernelSet set in Variants.Sets)
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using ComputeContext context = new(threads, set);
                body(context);
            }
        }
    }

    private static float[] Chains(int rows, int columns, int depth, Func<int, int, int, (float A, float B)> factors, float[]? before = null)
    {
        float[] result = before is null ? new float[rows * columns] : [.. before];
        for (int i = 0; i < result.Length; i++)
        {
            for (int k = 0; k < depth; k++)
            {
                (float a, float b) = factors(i / columns, i % columns, k);
                result[i] = MathF.FusedMultiplyAdd(a, b, result[i]);
            }
        }

        return result;
    }
}
