namespace Parley.Tensors.Tests;

/// <summary>Storage types: exact values stay exact, others round to nearest, and sizes are those of the file formats.</summary>
public sealed class DTypesTests
{
    [Theory]
    [InlineData(DType.F32, 64, 256)]
    [InlineData(DType.F16, 64, 128)]
    [InlineData(DType.BF16, 64, 128)]
    [InlineData(DType.Q8_0, 64, 68)]
    [InlineData(DType.Q4_0, 64, 36)]
    [InlineData(DType.Q4_1, 64, 40)]
    [InlineData(DType.Q5_0, 64, 44)]
    [InlineData(DType.Q5_1, 64, 48)]
    [InlineData(DType.Q4_K, 512, 288)]
    [InlineData(DType.Q5_K, 512, 352)]
    [InlineData(DType.Q6_K, 512, 420)]
    public void A_type_takes_its_bytes(DType type, int elements, long bytes) => Assert.Equal(bytes, DTypes.ByteCount(type, elements));

    [Theory]
    [InlineData(DType.F32, 0)]
    [InlineData(DType.F16, 1.0 / 2048)]
    [InlineData(DType.BF16, 1.0 / 256)]
    public void Rounding_stays_within_half_a_unit(DType type, double relative)
    {
        float[] values = Numbers.Normal(1000, 1);
        float[] decoded = RoundTrip(type, values);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.InRange(Math.Abs((double)decoded[i] - values[i]), 0, Math.Abs(values[i]) * relative);
        }

        Assert.Equal(decoded, RoundTrip(type, decoded));
    }

    [Fact]
    public void Blocks_are_off_by_at_most_half_a_step()
    {
        float[] values = Numbers.Normal(32 * 20, 1);
        values.AsSpan(32, 32).Clear();
        float[] decoded = RoundTrip(DType.Q8_0, values);
        for (int block = 0; block < 20; block++)
        {
            float largest = values.AsSpan(block * 32, 32).ToArray().Max(Math.Abs);
            for (int i = block * 32; i < block * 32 + 32; i++)
            {
                // Half a step, and the rounding of the scale to F16 times 127 steps.
                Assert.InRange(Math.Abs(decoded[i] - values[i]), 0, largest / 127 * (0.5f + 127f / 2048 + 0.001f));
            }
        }
    }

    [Fact]
    public void A_block_has_the_bytes_of_ggml()
    {
        float[] values = new float[32];
        (values[0], values[1], values[2], values[31]) = (127f, -127f, 0.5f, -1f);
        byte[] bytes = new byte[34];
        DTypes.Encode(DType.Q8_0, values, bytes);
        Assert.Equal([0x00, 0x3C, 127, 0x81, 1, 0], bytes[..6]); // scale 1.0 as F16; 0.5 rounds away from zero
        Assert.Equal(0xFF, bytes[33]);
    }

    [Fact]
    public void BFloat16_rounds_to_even_and_keeps_what_is_no_number()
    {
        float[] values = [BitConverter.UInt32BitsToSingle(0x3F808000), BitConverter.UInt32BitsToSingle(0x3F818000), float.NaN, float.PositiveInfinity];
        Assert.Equal([1f, BitConverter.UInt32BitsToSingle(0x3F820000), float.NaN, float.PositiveInfinity], RoundTrip(DType.BF16, values));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Contains("32", Assert.Throws<ArgumentException>(() => DTypes.ByteCount(DType.Q8_0, 33)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DTypes.Encode(DType.F16, new float[3], new byte[5]));
        Assert.Throws<ArgumentException>(() => DTypes.Decode(DType.F32, new byte[5], new float[1]));
    }

    private static float[] RoundTrip(DType type, float[] values)
    {
        byte[] bytes = new byte[DTypes.ByteCount(type, values.Length)];
        DTypes.Encode(type, values, bytes);
        float[] decoded = new float[values.Length];
        DTypes.Decode(type, bytes, decoded);
        return decoded;
    }
}
