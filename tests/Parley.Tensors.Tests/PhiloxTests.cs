namespace Parley.Tensors.Tests;

/// <summary>Philox against the vectors published with Random123 (kat_vectors, philox4x32 10), and the moments of what is drawn from it.</summary>
public sealed class PhiloxTests
{
    [Fact]
    public void Known_answers_come_out()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), Philox.Next(0, 0, 0));
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), Philox.Next(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue));
        // counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0
        Assert.Equal(
            (0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u),
            Philox.Next(0x299f31d0_a4093822, 0x03707344_13198a2e, 0x85a308d3_243f6a88));
    }

    [Fact]
    public void Uniform_and_normal_numbers_have_their_moments()
    {
        const int Count = 20_000;
        double[] uniform = [.. Enumerable.Range(0, Count).Select(i => (double)Philox.Uniform(7, 1, (ulong)i))];
        double[] normal = [.. Enumerable.Range(0, Count).Select(i => (double)Philox.Normal(7, 1, (ulong)i))];
        Assert.All(uniform, value => Assert.True(value is >= 0 and < 1));
        Assert.InRange(uniform.Average(), 0.49, 0.51);
        Assert.InRange(normal.Average(), -0.03, 0.03);
        Assert.InRange(normal.Average(value => value * value), 0.97, 1.03);
    }

    [Fact]
    public void Filling_depends_on_seed_and_stream_alone()
    {
        using Tensor longer = Tensor.Allocate(new Shape(103));
        using Tensor shorter = Tensor.Allocate(new Shape(50));
        using Tensor other = Tensor.Allocate(new Shape(50));
        Philox.FillNormal(longer, 5, 1, 0.02f);
        Philox.FillNormal(shorter, 5, 1, 0.02f);
        Philox.FillNormal(other, 5, 2, 0.02f);
        Numbers.SameBits(longer.ToHost()[..50], shorter.ToHost());
        Assert.NotEqual(shorter.ToArray(), other.ToArray());
        Assert.InRange(longer.ToArray().Average(value => value * value), 0.0002, 0.0006);
    }
}
