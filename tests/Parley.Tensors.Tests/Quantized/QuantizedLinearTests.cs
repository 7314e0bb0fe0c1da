using Parley.Testing;
using FsCheck;
using FsCheck.Fluent;
using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>Products of quantised weights as integers: near the product of the rounded operands, and the same bits whoever computes them.</summary>
public sealed class QuantizedLinearTests
{
    private static readonly DType[] Types =
        [DType.Q8_0, DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q4_K, DType.Q5_K, DType.Q6_K];

    public static TheoryData<DType> AllTypes => [.. Types];

    private static IEnumerable<KernelSet> Sets => KernelSets.All.Where(set => set != KernelSet.Assembled || KernelSets.InHardware(set));

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void A_product_is_that_of_the_stored_weights_and_the_rounded_activations(DType type)
    {
        const int Rows = 37, Depth = 512, Tokens = 5;
        using Parameter weight = Weight(type, Rows, Depth, 1);
        using Tensor x = Numbers.Tensor(2, Tokens, Depth);
        using ComputeContext context = new(1, KernelSet.Reference, arithmetic: Arithmetic.Fast);
        float[] rounded = R16Formats.Parts(type) == 2 ? RoundedTwice(x.ToArray()) : Rounded(x.ToArray()), weights = weight.Value.ToArray();
        float[] actual = Product(context, x, weight);
        for (int i = 0; i < actual.Length; i++)
        {
            (int token, int row) = (i / Rows, i % Rows);
            (double expected, double size) = (0, 0);
            for (int k = 0; k < Depth; k++)
            {
                double product = (double)rounded[token * Depth + k] * weights[row * Depth + k];
                (expected, size) = (expected + product, size + Math.Abs(product));
            }

            // K-quants round the products of two scales to F16, at most 2^-11 of a scaled number and an addend that each exceed the weight.
            Assert.Equal(expected, actual[i], size * (type is DType.Q4_K or DType.Q5_K or DType.Q6_K ? 2e-4 : 1e-6));
        }
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Every_set_gives_the_bits_of_the_reference_at_any_shape(DType type)
    {
        int unit = DTypes.BlockLength(type);
        Arbitrary<(int Tokens, int Blocks, int Rows)> shapes = ArbMap.Default.ArbFor<int>().Generator.Three()
            .Select(numbers => (1 + Math.Abs(numbers.Item1 % 40), 1 + Math.Abs(numbers.Item2 % (unit == 32 ? 9 : 3)), 1 + Math.Abs(numbers.Item3 % 200)))
            .ToArbitrary();
        Prop.ForAll(shapes, shape =>
        {
            using Parameter weight = Weight(type, shape.Rows, shape.Blocks * unit, (ulong)shape.Rows);
            using Tensor x = Numbers.Tensor((ulong)shape.Tokens, shape.Tokens, shape.Blocks * unit);
            float[]? expected = null;
            foreach (KernelSet set in Sets)
            {
                using ComputeContext context = new(1 + shape.Tokens % 2, set, arithmetic: Arithmetic.Fast);
                float[] actual = Product(context, x, weight);
                Numbers.SameBits(expected ??= actual, actual);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25).WithReplay(7, 9));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void A_row_has_the_same_bits_alone_and_in_a_batch(DType type)
    {
        const int Rows = 100, Depth = 256, Tokens = 29;
        using Parameter weight = Weight(type, Rows, Depth, 3);
        using Tensor x = Numbers.Tensor(4, Tokens, Depth);
        foreach (KernelSet set in Sets)
        {
            using ComputeContext context = new(2, set, arithmetic: Arithmetic.Fast);
            float[] batch = Product(context, x, weight);
            foreach ((int first, int count) in new[] { (0, 1), (28, 1), (3, 2), (11, 3), (20, 5), (2, 7), (5, 16) })
            {
                Numbers.SameBits(batch.AsSpan(first * Rows, count * Rows), Product(context, x.Rows(first, count), weight));
            }
        }
    }

    [Fact]
    public void Maps_of_one_input_equal_each_alone_whatever_their_types()
    {
        using Tensor x = Numbers.Tensor(5, 9, 256);
        using Parameter a = Weight(DType.Q4_K, 70, 256, 6), b = Weight(DType.Q6_K, 30, 256, 7), c = Weight(DType.F16, 33, 256, 8);
        using Parameter bias = new("b", Tensor.FromHost(new Shape(30), Numbers.Normal(30, 9)));
        foreach (KernelSet set in Sets)
        {
            using ComputeContext context = new(2, set, arithmetic: Arithmetic.Fast);
            using Arena arena = new();
            Autograd.Operations operations = new(context, arena);
            (Tensor first, Tensor second, Tensor third) = operations.Linear(x, new(a), new(b, bias), new(c));
            Numbers.SameBits(operations.Linear(x, a).ToHost(), first.ToHost());
            Numbers.SameBits(operations.Linear(x, b, bias).ToHost(), second.ToHost());
            Numbers.SameBits(operations.Linear(x, c).ToHost(), third.ToHost());
            float[] plain = operations.Linear(x, b).ToArray();
            Numbers.SameBits([.. plain.Select((value, i) => value + bias.Value.ToHost()[i % 30])], second.ToHost());
        }
    }

    [Fact]
    public void A_tape_computes_exactly()
    {
        using Tensor x = Numbers.Tensor(5, 3, 64);
        using Parameter weight = Weight(DType.Q8_0, 20, 64, 6);
        using ComputeContext fast = new(1, arithmetic: Arithmetic.Fast), exact = new(1);
        using Arena arena = new();
        Tensor expected = new Autograd.Operations(exact, arena).Linear(x, weight);
        Tensor taped = new Autograd.Operations(fast, arena, new Autograd.Tape()).Linear(x, weight);
        Numbers.SameBits(expected.ToHost(), taped.ToHost());
        Assert.NotEqual(expected.ToArray(), new Autograd.Operations(fast, arena).Linear(x, weight).ToArray());
    }

    [Fact]
    public void A_scale_that_F16_cannot_hold_is_computed_exactly()
    {
        using Parameter weight = Weight(DType.Q6_K, 20, 256, 6);
        byte[] bytes = weight.Value.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(208), (Half)60000); // times a step of up to 127
        weight.Value.CopyFromBytes(bytes);
        using Tensor x = Numbers.Tensor(5, 3, 256);
        using ComputeContext fast = new(1, arithmetic: Arithmetic.Fast), exact = new(1);
        Numbers.SameBits(Product(exact, x, weight), Product(fast, x, weight));
    }

    [Fact]
    public void What_is_not_a_number_stays_visible()
    {
        using Parameter weight = Weight(DType.Q8_0, 16, 64, 6);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            using Tensor x = Numbers.Tensor(5, 2, 64);
            float[] values = x.ToArray();
            values[40] = bad;
            x.CopyFrom(values);
            foreach (KernelSet set in Sets)
            {
                using ComputeContext context = new(1, set, arithmetic: Arithmetic.Fast);
                float[] output = Product(context, x, weight);
                Assert.All(output[..16], value => Assert.True(float.IsNaN(value)));
                Assert.All(output[16..], value => Assert.True(float.IsFinite(value)));
            }
        }
    }

    [Fact]
    public void A_changed_weight_is_repacked()
    {
        using Parameter weight = Weight(DType.Q4_0, 16, 64, 6);
        using Tensor x = Numbers.Tensor(5, 2, 64);
        using ComputeContext context = new(1, arithmetic: Arithmetic.Fast);
        float[] before = Product(context, x, weight);
        weight.Value.CopyFrom(Numbers.Normal(16 * 64, 99));
        weight.MarkChanged();
        using Parameter fresh = Weight(DType.Q4_0, 16, 64, 99);
        float[] after = Product(context, x, weight);
        Assert.NotEqual(before, after);
        Numbers.SameBits(Product(context, x, fresh), after);
    }

    [Fact]
    public void A_repeated_product_allocates_nothing()
    {
        using Parameter weight = Weight(DType.Q8_0, 80, 128, 6), other = Weight(DType.Q4_0, 40, 128, 6);
        using Tensor x = Numbers.Tensor(1, 30, 128);
        using ComputeContext context = new(2, arithmetic: Arithmetic.Fast);
        using Arena arena = new();
        Autograd.Operations operations = new(context, arena);
        void Step()
        {
            operations.Linear(x, weight);
            operations.Linear(x, new Projection(weight), new Projection(other));
            operations.Linear(x, new(weight), new(other), new(weight));
            arena.Reset();
        }

        Step();
        Step();
        Assert.Equal(0, Allocations.Least(100, Step));
    }

    private static Parameter Weight(DType type, int rows, int depth, ulong seed)
    {
        Tensor value = Tensor.Allocate(new Shape(rows, depth), type);
        value.CopyFrom(Numbers.Normal(rows * depth, seed));
        return new Parameter("w", value);
    }

    private static float[] Product(ComputeContext context, Tensor x, Parameter weight)
    {
        using Tensor output = Tensor.Allocate(new Shape(x.Shape.Rows, weight.Value.Shape[0]));
        context.Device.Linear(x, weight, null, output);
        return output.ToArray();
    }

    private static float[] RoundedTwice(float[] x)
    {
        float[] first = Rounded(x);
        float[] rest = Rounded([.. x.Zip(first, (value, rounded) => value - rounded)]);
        return [.. first.Zip(rest, (a, b) => a + b)];
    }

    private static float[] Rounded(float[] values)
    {
        float[] result = new float[values.Length];
        for (int block = 0; block < values.Length; block += 32)
        {
            float largest = values.AsSpan(block, 32).ToArray().Max(MathF.Abs);
            for (int i = block; i < block + 32; i++)
            {
                result[i] = MathF.Round(values[i] * (127 / largest), MidpointRounding.ToEven) * (largest / 127);
            }
        }

        return result;
    }
}
