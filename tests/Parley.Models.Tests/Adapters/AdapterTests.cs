using Parley.Tensors;

namespace Parley.Models.Tests.Adapters;

/// <summary>What an adapter is by itself: its start, its name, its holders, and that it learns.</summary>
public sealed class AdapterTests
{
    private static readonly string[] Targets = ["q_proj", "o_proj", "up_proj", "mlp.down_proj"];

    [Fact]
    public void A_new_one_changes_nothing_and_has_a_pair_for_each_target_in_each_layer()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var adapter = Adapter.Initialize(decoder.Config, Targets, rank: 4, alpha: 8, seed: 1);
        Assert.Equal(4 * decoder.Config.Layers, adapter.Pairs.Count);
        Assert.All(adapter.Pairs, pair => Assert.Equal((4, 2f), (pair.Value.Rank, pair.Value.Scale)));
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(12, 48);
        Assert.Equal(run.Whole(tokens), run.Whole(tokens, adapter: adapter));
        Assert.Contains("'qq_proj'", Assert.Throws<ModelFormatException>(() => Adapter.Initialize(decoder.Config, ["qq_proj"], 4, 8, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => Adapter.Initialize(Families.Config("mixtral"), ["w1"], 4, 8, 1)); // experts' rows are not the batch's
    }

    [Fact]
    public void The_name_follows_contents_and_scale_and_nothing_else()
    {
        Adapter Create(float alpha = 8, ulong seed = 1) => Adapter.Initialize(TinyModels.Config(), Targets, 4, alpha, seed);
        using Adapter first = Create(), same = Create(), scaled = Create(alpha: 9), other = Create(seed: 2);
        Assert.Equal(first.Id, same.Id);
        Assert.NotEqual(first.Id, scaled.Id);
        Assert.NotEqual(first.Id, other.Id);
        same.Parameters[0].Value.Fill(1);
        same.Parameters[0].MarkChanged();
        Assert.NotEqual(first.Id, same.Id);
    }

    [Fact]
    public void The_last_holder_frees_it()
    {
        var adapter = Adapter.Initialize(TinyModels.Config(), Targets, 4, 8, 1);
        Assert.True(adapter.TryHold());
        adapter.Dispose();
        adapter.Dispose();
        Assert.False(adapter.IsFreed);
        Assert.NotEmpty(adapter.Parameters[0].Value.ToArray());
        adapter.Release();
        Assert.True(adapter.IsFreed);
        Assert.False(adapter.TryHold());
        Assert.Throws<ObjectDisposedException>(() => adapter.Parameters[0].Value.ToArray());
    }

    [Fact]
    public void Its_gradients_agree_with_finite_differences_and_the_model_has_none()
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var adapter = Adapter.Initialize(decoder.Config, Targets, rank: 3, alpha: 3, seed: 1);
        foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i)))
        {
            Philox.FillNormal(parameter.Value, 8, stream, 0.3f);
            parameter.MarkChanged();
            parameter.RequireGradient();
        }

        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(17, 48);
        Assert.Equal(Reference(decoder, adapter, tokens), run.Loss(tokens[..16], tokens[1..], gradients: true, adapter), 1e-5);
        Assert.All(decoder.Parameters, parameter => Assert.Null(parameter.Gradient));
        foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i)))
        {
            var direction = Direction(parameter.Value.Shape, stream);
            var gradient = parameter.Gradient!.ToArray();
            var actual = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
            var expected = Slope(decoder, adapter, parameter, direction, tokens);
            var scale = Math.Sqrt(gradient.Sum(g => (double)g * g) / gradient.Length);
            Assert.True(Math.Abs(expected - actual) <= 5e-3 * scale, $"{parameter.Name}: {actual:R} where differences give {expected:R} (scale {scale:E2}).");
            Assert.True(scale > 1e-6, $"{parameter.Name} has no gradient.");
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.2f)]
    public void Its_gradients_have_the_same_bits_when_layers_are_computed_again(float dropout)
    {
        using var decoder = TinyModels.Lively(TinyModels.Config());
        using var run = new DecoderRun(decoder);
        var tokens = TinyModels.Tokens(17, 48);
        float[][] Gradients(bool again)
        {
            using var adapter = Adapter.Initialize(decoder.Config, Targets, rank: 3, alpha: 3, seed: 1);
            foreach (var (parameter, stream) in adapter.Parameters.Select((parameter, i) => (parameter, (ulong)i)))
            {
                Philox.FillNormal(parameter.Value, 8, stream, 0.3f);
                parameter.RequireGradient();
            }

            for (var pass = 0; pass < 2; pass++) // the second adds to the first, as accumulated batches do
            {
                run.Loss(tokens[..16], tokens[1..], gradients: true, adapter, new() { Recompute = again, DropoutRate = dropout, Seed = 5, Step = pass });
            }

            Assert.All(decoder.Parameters, parameter => Assert.Null(parameter.Gradient));
            return [.. adapter.Parameters.Select(parameter => parameter.Gradient!.ToArray())];
        }

        var (kept, computed) = (Gradients(again: false), Gradients(again: true));
        Assert.All(kept, gradient => Assert.Contains(gradient, value => value != 0));
        Assert.Equal(kept, computed);
    }

    private static double Slope(Decoder decoder, Adapter adapter, Parameter parameter, float[] direction, int[] tokens)
    {
        const float step = 1f / 64;
        var values = parameter.Value.ToArray();
        double At(float factor)
        {
            parameter.Value.CopyFrom([.. values.Zip(direction, (value, d) => value + (factor * step * d))]);
            return Reference(decoder, adapter, tokens);
        }

        var slope = ((8 * (At(1) - At(-1))) - (At(2) - At(-2))) / (12 * step);
        parameter.Value.CopyFrom(values);
        return slope;
    }

    private static double Reference(Decoder decoder, Adapter adapter, int[] tokens)
    {
        using var merged = AdapterMerge.Merge(decoder, adapter);
        return ReferenceDecoder.Loss(decoder.Config, TinyModels.Weights(merged), tokens[..^1], tokens[1..]);
    }

    private static float[] Direction(Shape shape, ulong stream)
    {
        using var tensor = Tensor.Allocate(shape);
        Philox.FillNormal(tensor, 11, stream, 1f / MathF.Sqrt(shape.Count));
        return tensor.ToArray();
    }
}
