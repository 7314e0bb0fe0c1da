namespace Parley.Tensors.Tests.Quantization;

/// <summary>How much each block format loses on Gaussian weights, and that more bits lose less.</summary>
public sealed class BlockErrorTests
{
    private const int Rows = 64;
    private const int Columns = 512;

    // Root mean square error over the standard deviation; the bounds are some 2% above what is measured.
    public static TheoryData<DType, double> Bounds => new()
    {
        { DType.Q4_0, 0.0878 },
        { DType.Q4_1, 0.0798 },
        { DType.Q4_K, 0.0722 },
        { DType.Q5_0, 0.0436 },
        { DType.Q5_1, 0.0386 },
        { DType.Q5_K, 0.0357 },
        { DType.Q6_K, 0.0173 },
        { DType.Q8_0, 0.0055 },
    };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Gaussian_weights_come_back_within_the_bound(DType type, double bound) =>
        Assert.InRange(Error(type, Numbers.Normal(Rows * Columns, 7)), bound / 2, bound);

    [Fact]
    public void More_bits_lose_less()
    {
        float[] values = Numbers.Normal(Rows * Columns, 8);
        double[] errors = [.. new[] { DType.Q4_0, DType.Q4_1, DType.Q4_K, DType.Q5_0, DType.Q5_1, DType.Q5_K, DType.Q6_K, DType.Q8_0 }.Select(type => Error(type, values))];
        Assert.Equal(errors.OrderDescending(), errors);
    }

    // The K types round the scales of a super-block together, so that one group's new grid can move the others a little.
    [Theory]
    [MemberData(nameof(Bounds))]
    public void Weights_that_are_already_quantised_come_back(DType type, double bound)
    {
        float[] once = RoundTrip(type, Numbers.Normal(Rows * Columns, 9));
        float[] twice = RoundTrip(type, once);
        if (type is DType.Q4_K or DType.Q5_K or DType.Q6_K)
        {
            Assert.InRange(Distance(once, twice), 0, bound / 2);
        }
        else
        {
            Assert.Equal(once, twice);
        }
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Unusual_blocks_lose_nothing_or_little(DType type, double bound)
    {
        float[] zeros = new float[256];
        Assert.Equal(zeros, RoundTrip(type, zeros));
        float[] outlier = Numbers.Normal(256, 10);
        outlier[77] = -40;
        Assert.InRange(RoundTrip(type, outlier)[77], -42f, -38f);
        foreach (float constant in new[] { 0.5f, -0.5f })
        {
            Assert.All(RoundTrip(type, [.. Enumerable.Repeat(constant, 256)]), value => Assert.InRange(value, constant - bound, constant + bound));
        }
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void What_is_no_number_does_not_vanish(DType type, double bound)
    {
        Assert.True(bound > 0);
        float[] values = Numbers.Normal(256, 11);
        values[100] = float.NaN;
        Assert.Contains(RoundTrip(type, values), float.IsNaN);
    }

    private static double Error(DType type, float[] values) => Distance(RoundTrip(type, values), values);

    private static double Distance(float[] first, float[] second) => Math.Sqrt(first.Zip(second, (a, b) => Math.Pow((double)a - b, 2)).Average());

    private static float[] RoundTrip(DType type, float[] values)
    {
        byte[] bytes = new byte[DTypes.ByteCount(type, values.Length)];
        bytes.AsSpan().Fill(0xA5); // an encoder writes every byte
        DTypes.Encode(type, values, bytes);
        float[] decoded = new float[values.Length];
        DTypes.Decode(type, bytes, decoded);
        return decoded;
    }
}
