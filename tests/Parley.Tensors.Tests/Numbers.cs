namespace Parley.Tensors.Tests;

/// <summary>Random tensors that depend on nothing but their seed, and comparison by bits.</summary>
internal static class Numbers
{
    public static float[] Normal(int count, ulong seed)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Philox.Normal(seed, 0, (ulong)i);
        }

        return values;
    }

    public static Tensor Tensor(ulong seed, int rows, int columns) => Tensors.Tensor.FromHost(new Shape(rows, columns), Normal(rows * columns, seed));

    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
            {
                Assert.Fail($"Element {i} is {actual[i]:R}, not {expected[i]:R}.");
            }
        }
    }
}
