using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models.Tests;

public sealed class DecoderTests
{
    private const int Length = 83; // across a border of 64 keys and not a multiple of a block

    [Theory]
    [InlineData(false, RotaryStyle.Neox)]
    [InlineData(true, RotaryStyle.Neox)]
    [InlineData(false, RotaryStyle.Interleaved)]
    public void Logits_agree_with_the_formulas_in_double_precision(bool tied, RotaryStyle style)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config(tied, style));
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(Length, 48);
        var expected = ReferenceDecoder.Logits(decoder.Config, TinyModels.Weights(decoder), tokens).SelectMany(row => row).ToArray();
        var actual = run.Whole(tokens);
        var relative = Rms(expected.Zip(actual, (a, b) => a - b)) / Rms(expected);
        Assert.True(relative < 2e-6, $"The relative rms difference is {relative:E2}.");
    }

    [Fact]
    public void Whole_in_pieces_token_by_token_and_taped_are_equal_to_the_bit()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(Length, 48);
        var whole = run.Whole(tokens);
        Assert.Equal(whole, run.Whole(tokens, taped: true));
        int[] blocks = [9, 2, 5, 0, 7, 3];
        using var cache = new KVCache(2, 2, 16, 10);
        Assert.Equal(whole, run.Cached(tokens, cache, blocks, [Length]));
        Assert.Equal(whole, run.Cached(tokens, cache, blocks, Enumerable.Repeat(1, Length)));
        Assert.Equal(whole, run.Cached(tokens, cache, blocks, [15, 1, 2, 33, 14, 18]));
    }

    [Fact]
    public void A_sequence_computes_the_same_bits_among_others_with_more_threads_and_every_kernel_width()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        var (first, second) = (TinyModels.Tokens(40, 48), TinyModels.Tokens(17, 48, seed: 8));
        using var plain = new DecoderRun(decoder, KernelSet.Reference);
        var expected = plain.Whole(first);
        foreach (var kernels in new[] { KernelSet.Vector128, KernelSet.Vector256, KernelSet.Vector512, KernelSet.Auto })
        {
            using var run = new DecoderRun(decoder, kernels, threads: 2);
            Assert.Equal(expected, run.Whole(first));
            var batch = new AttentionBatch([new(0, 17, 0, default), new(17, 40, 0, default), new(57, 17, 0, default)]);
            Assert.Equal(expected, run.Step((int[])[.. second, .. first, .. second], batch).AsSpan(17 * 48, 40 * 48).ToArray());
        }
    }

    [Fact]
    public void A_fresh_model_knows_nothing_its_loss_is_close_to_ln_V()
    {
        var config = TinyModels.Config() with { VocabularySize = 1000, HiddenSize = 64 };
        using var decoder = Decoder.Initialize(config, seed: 5);
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(65, 1000);
        Assert.Equal(Math.Log(1000), run.Loss(tokens[..64], tokens[1..]), 0.05);
    }

    [Fact]
    public void Initialisation_is_a_pure_function_of_configuration_and_seed()
    {
        using var first = Decoder.Initialize(TinyModels.Config(), seed: 5);
        using var second = Decoder.Initialize(TinyModels.Config(), seed: 5);
        using var other = Decoder.Initialize(TinyModels.Config(), seed: 6);
        Assert.Equal(first.WeightsId, second.WeightsId);
        Assert.NotEqual(first.WeightsId, other.WeightsId);
        Assert.Equal(TinyModels.Config().ParameterCount, first.Parameters.Sum(parameter => parameter.Value.Shape.Count));
    }

    [Fact]
    public void Each_kind_of_weight_starts_with_its_own_spread()
    {
        using var decoder = Decoder.Initialize(TinyModels.Config() with { HiddenSize = 128, IntermediateSize = 256 }, seed: 5);
        Assert.Equal(0.02, Spread("model.embed_tokens.weight"), 0.001);
        Assert.Equal(0.02, Spread("model.layers.1.self_attn.q_proj.weight"), 0.001);
        Assert.Equal(0.01, Spread("model.layers.1.mlp.down_proj.weight"), 0.0005); // 0.02 / sqrt(2 * 2 layers)
        Assert.Equal(0.01, Spread("model.layers.0.self_attn.o_proj.weight"), 0.0005);
        Assert.All(Named("model.layers.0.input_layernorm.weight"), gain => Assert.Equal(1f, gain));

        double Spread(string name) => Rms(Named(name).Select(value => (double)value));
        float[] Named(string name) => decoder.Parameters.Single(parameter => parameter.Name == name).Value.ToArray();
    }

    [Fact]
    public void The_weights_id_follows_changes_and_tells_types_apart()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        var before = decoder.WeightsId;
        Assert.Matches("^[0-9a-f]{64}$", before);
        var norm = decoder.Parameters.Single(parameter => parameter.Name == "model.norm.weight");
        var values = norm.Value.ToArray();
        values[3] += 1;
        norm.Value.CopyFrom(values);
        norm.MarkChanged();
        Assert.NotEqual(before, decoder.WeightsId);
        using var theta = TinyModels.Lively(TinyModels.Config() with { RopeTheta = 20_000 });
        Assert.NotEqual(before, theta.WeightsId);
    }

    [Fact]
    public void Positions_beyond_the_context_and_ill_fitting_weights_are_refused()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config() with { ContextLength = 32 });
        using var run = new DecoderRun(decoder);
        Assert.Equal(32 * 48, run.Whole(TinyModels.Tokens(32, 48)).Length);
        Assert.Contains("32 tokens", Assert.Throws<ArgumentException>(() => run.Whole(TinyModels.Tokens(33, 48))).Message, StringComparison.Ordinal);

        var parameters = decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter, StringComparer.Ordinal);
        var tied = Assert.Throws<ModelFormatException>(() => new Decoder(decoder.Config with { TieEmbeddings = true }, parameters));
        Assert.Equal("lm_head.weight", tied.Field);
        parameters.Remove("model.norm.weight");
        Assert.Equal("model.norm.weight", Assert.Throws<ModelFormatException>(() => new Decoder(decoder.Config, parameters)).Field);
    }

    [Fact]
    public void A_warm_decode_step_allocates_no_managed_memory()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        using var cache = new KVCache(2, 2, 16, 4);
        var ops = new Operations(context, arena);
        var batch = new AttentionBatch([new AttentionSpan(0, 1, 5, new[] { 2 })], cache);
        ReadOnlyMemory<int> token = new[] { 7 };
        long allocated = 0;
        for (var step = 0; step < 50; step++)
        {
            arena.Reset();
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoder.Logits(ops, decoder.Forward(ops, token, batch));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static double Rms(IEnumerable<double> values) => Math.Sqrt(values.Average(value => value * value));
}
