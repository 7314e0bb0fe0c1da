using Parley.Tensors.Kernels;

namespace Parley.Tensors.Tests;

/// <summary>BF16 products of every kernel set against the definition: per pair of the depth its odd element first, then its even one.</summary>
public sealed unsafe class BFloat16MatMulTests
{
    // Rows, inputs, outputs: tile edges on every side, odd depths, several tiles of tokens, depths beyond one block.
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 2, 16 }, { 1, 7, 15 }, { 1, 64, 48 }, { 1, 515, 33 }, { 2, 17, 49 }, { 3, 8, 64 }, { 4, 40, 97 }, { 5, 31, 80 }, { 6, 100, 50 },
        { 7, 96, 65 }, { 8, 514, 48 }, { 13, 20, 145 }, { 16, 1025, 19 }, { 31, 9, 100 }, { 8, 4100, 30 }, { 97, 33, 65 }, { 1, 4099, 17 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_set_and_thread_count_gives_the_chain_over_pairs(int rows, int inputs, int outputs)
    {
        using Tensor x = Numbers.Tensor(1, rows, inputs);
        using Tensor weight = Stored(Numbers.Normal(outputs * inputs, 2), outputs, inputs);
        using Tensor bias = Tensor.FromHost(new Shape(outputs), Numbers.Normal(outputs, 3));
        float[] expected = Chains(x, weight);
        float[] withBias = [.. expected.Select((value, i) => value + bias.ToHost()[i % outputs])];
        foreach (KernelSet set in Variants.Sets)
        {
            foreach (int threads in new[] { 1, 2 })
            {
                using ComputeContext context = new(threads, set, arithmetic: Arithmetic.Fast);
                Numbers.SameBits(expected, Multiply(context, x, weight, null));
                Numbers.SameBits(withBias, Multiply(context, x, weight, bias));
            }
        }
    }

    [Fact]
    public void A_row_alone_has_the_bits_it_has_in_a_batch()
    {
        using Tensor x = Numbers.Tensor(1, 40, 700);
        using Tensor weight = Stored(Numbers.Normal(130 * 700, 2), 130, 700);
        foreach (KernelSet set in Variants.Sets)
        {
            using ComputeContext context = new(2, set, arithmetic: Arithmetic.Fast);
            float[] batch = Multiply(context, x, weight, null);
            foreach ((int first, int count) in new[] { (0, 1), (39, 1), (17, 1), (3, 2), (20, 5), (8, 8), (11, 13) })
            {
                Numbers.SameBits(batch.AsSpan(first * 130, count * 130), Multiply(context, x.Rows(first, count), weight, null));
            }
        }
    }

    [Fact]
    public void Only_denormals_tell_assembled_from_managed()
    {
        AssembledRequirement.Check();
        using Tensor x = Tensor.FromHost(new Shape(1, 2), [1f, 1e-39f]);
        using Tensor weight = Stored([1e-39f, 1f], 1, 2);
        using ComputeContext managed = Fast(KernelSet.Vector512), assembled = Fast(KernelSet.Assembled);
        Assert.NotEqual(0, Multiply(managed, x, weight, null)[0]);
        Assert.Equal(0, Multiply(assembled, x, weight, null)[0]);
    }

    [Fact]
    public void Rounding_is_to_nearest_even_and_keeps_what_is_not_finite()
    {
        float[] values = [1f, 1.00390625f, 1.01171875f, -1.00390626f, float.MaxValue, float.NegativeInfinity, float.NaN, 1e-39f, 0f, -0f];
        float[] many = [.. Enumerable.Repeat(values, 7).SelectMany(part => part).Take(67)];
        ushort[] expected = new ushort[many.Length];
        DTypes.Encode(DType.BF16, many, System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.AsSpan()));
        uint[] pairs = new uint[34];
        float[] swapped = new float[68];
        fixed (float* from = many, to = swapped)
        fixed (uint* packed = pairs)
        {
            BFloat16Rounding.Pack(from, many.Length, packed);
            BFloat16Rounding.Swap(from, many.Length, to);
        }

        for (int k = 0; k < 68; k++)
        {
            uint bits = k < 67 ? expected[k] : 0u;
            Assert.Equal(bits, pairs[k / 2] >> (k % 2 * 16) & 0xFFFF);
            Assert.Equal(bits << 16, BitConverter.SingleToUInt32Bits(swapped[k ^ 1]));
        }
    }

    private static ComputeContext Fast(KernelSet set) => new(1, set, arithmetic: Arithmetic.Fast);

    private static Tensor Copy(Tensor tensor)
    {
        Tensor copy = Tensor.Allocate(tensor.Shape, tensor.DType);
        copy.CopyFrom(tensor);
        return copy;
    }

    private static Tensor Stored(float[] values, int outputs, int inputs)
    {
        Tensor stored = Tensor.Allocate(new Shape(outputs, inputs), DType.BF16);
        stored.CopyFrom(values);
        return stored;
    }

    private static float[] Multiply(ComputeContext context, Tensor x, Tensor weight, Tensor? bias)
    {
        using Parameter parameter = new("w", Copy(weight));
        using Parameter? added = bias is null ? null : new("b", Copy(bias));
        using Tensor output = Numbers.Tensor(9, x.Shape.Rows, weight.Shape[0]);
        context.Device.Linear(x, parameter, added, output);
        return output.ToArray();
    }

    private static float[] Chains(Tensor x, Tensor weight)
    {
        (int rows, int outputs, int inputs) = (x.Shape.Rows, weight.Shape[0], weight.Shape[1]);
        using Tensor rounded = Stored(x.ToArray(), rows, inputs);
        (float[] a, float[] b) = (rounded.ToArray(), weight.ToArray());
        float[] result = new float[rows * outputs];
        for (int i = 0; i < result.Length; i++)
        {
            for (int k = 0; k < inputs; k++)
            {
                int at = (k ^ 1) < inputs ? k ^ 1 : k;
                result[i] = MathF.FusedMultiplyAdd(a[i / outputs * inputs + at], b[i % outputs * inputs + at], result[i]);
            }
        }

        return result;
    }
}
