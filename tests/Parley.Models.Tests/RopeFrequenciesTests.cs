namespace Parley.Models.Tests;

/// <summary>Stretched rotary frequencies against numbers that llama.cpp's converter and the papers' formulas give.</summary>
public sealed class RopeFrequenciesTests
{
    private static readonly ModelConfig Sizes = TinyModels.Config() with { HeadDim = 32, RopeTheta = 500_000 };

    [Fact]
    public void Llama_3_stretches_long_wavelengths_by_the_factor_and_blends_between()
    {
        // As convert_hf_to_gguf writes rope_freqs.weight for factor 8, 1 and 4, original context 64.
        double[] expected = [1, 1, 2.4422593116760254, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8];
        Assert.All(expected.Zip(Divisors(new() { Kind = RopeScalingKind.Llama3, Factor = 8, OriginalContext = 64 })), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Linear_scaling_divides_all_and_leaves_layers_with_a_base_of_their_own()
    {
        var config = Sizes with { RopeScaling = new() { Kind = RopeScalingKind.Linear, Factor = 8 }, LocalRopeTheta = 10_000 };
        Assert.All(Divisors(config.RopeScaling), divisor => Assert.Equal(8, divisor, 1e-12));
        var (local, magnitude) = RopeFrequencies.Of(config, local: true);
        Assert.Equal((Math.Pow(10_000, -2.0 / 32), 1), (local[1], magnitude));
    }

    [Fact]
    public void Yarn_keeps_fast_pairs_stretches_slow_ones_and_raises_the_magnitude()
    {
        var scaling = new RopeScaling { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalContext = 64 };
        var divisors = Divisors(scaling);
        Assert.Equal(1, divisors[0]);
        Assert.All(divisors.Skip(5), divisor => Assert.Equal(4, divisor, 1e-12));
        Assert.Equal(divisors.Order(), divisors);
        Assert.Equal((0.1 * Math.Log(4)) + 1, RopeFrequencies.Of(Sizes with { RopeScaling = scaling }, local: false).Magnitude, 1e-12);
    }

    [Fact]
    public void Yarn_blends_between_borders_that_are_no_whole_pairs_where_it_is_told_to()
    {
        // Base 500000, width 32: 32 turns of 64 positions end at pair 32 ln(64 / 64 pi) / (2 ln 500000) < 0, one turn at 32 ln(64 / 2 pi) / (2 ln 500000).
        var last = 32 * Math.Log(64 / (2 * Math.PI)) / (2 * Math.Log(500_000));
        var divisors = Divisors(new() { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalContext = 64, WholePairs = false });
        Assert.All(divisors.Index(), pair =>
        {
            var stretched = Math.Min(1, pair.Index / last);
            Assert.Equal(1 / ((stretched / 4) + 1 - stretched), pair.Item, 1e-9);
        });
        Assert.NotEqual(divisors, Divisors(new() { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalContext = 64 }));
    }

    [Fact]
    public void LongRope_in_a_file_without_an_original_context_raises_the_magnitude_by_its_factor()
    {
        var scaling = new RopeScaling
        {
            Kind = RopeScalingKind.LongRope,
            Factor = 4,
            OriginalContext = 256,
            Factors = new NumberList(Enumerable.Repeat(2f, 16)),
            LongFactors = new NumberList(Enumerable.Repeat(3f, 16)),
        };
        Assert.All(Divisors(scaling), actual => Assert.Equal(2, actual, 1e-12));
        var (_, magnitude) = RopeFrequencies.Of(Sizes with { RopeScaling = scaling, ContextLength = 256 }, local: false);
        Assert.Equal(Math.Sqrt(1.25), magnitude, 1e-12); // ln 4 / ln 256 is 1/4
    }

    [Theory]
    [InlineData(128, 2, 1.0)]
    [InlineData(129, 3, 1.0008)]
    public void LongRope_chooses_its_list_by_the_context(int context, double divisor, double magnitude)
    {
        var scaling = new RopeScaling
        {
            Kind = RopeScalingKind.LongRope,
            OriginalContext = 128,
            Factors = new NumberList(Enumerable.Repeat(2f, 16)),
            LongFactors = new NumberList(Enumerable.Repeat(3f, 16)),
        };
        Assert.All(Divisors(scaling, context), actual => Assert.Equal(divisor, actual, 1e-12));
        Assert.Equal(magnitude, RopeFrequencies.Of(Sizes with { RopeScaling = scaling, ContextLength = context }, local: false).Magnitude, 1e-4);
    }

    private static double[] Divisors(RopeScaling scaling, int context = 256)
    {
        var plain = RopeFrequencies.Of(Sizes, local: false).Frequencies;
        var stretched = RopeFrequencies.Of(Sizes with { RopeScaling = scaling, ContextLength = context }, local: false).Frequencies;
        return [.. plain.Zip(stretched, (before, after) => before / after)];
    }
}
