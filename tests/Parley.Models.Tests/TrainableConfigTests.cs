using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models.Tests;

/// <summary>
/// Every option that a new model may be trained with has gradients: of the whole decoder, by finite differences of its own loss along random directions, and
/// computing layers again changes no bit of them.
/// </summary>
public sealed class TrainableConfigTests
{
    private static readonly Dictionary<string, ModelConfig> Configs = new(StringComparer.Ordinal)
    {
        ["gpt2"] = Gpt2,
        ["query and key norms, windows, caps"] = TinyModels.Config() with
        {
            QueryKeyNorms = true, SlidingWindow = 5, WindowedLayers = LayerSet.AllButEvery(2, 2), AttentionSoftCap = 4, LogitSoftCap = 3,
        },
        ["relu2"] = TinyModels.Config(tied: true) with { GatedMlp = false, Activation = Activation.Relu2 },
        ["gemma-like"] = TinyModels.Config(tied: true) with
        {
            PostNorms = true, Activation = Activation.GeluTanh, EmbeddingScale = 3, ResidualScale = 0.7f, LogitScale = 1.5f, LogitSoftCap = 5,
        },
    };

    public static TheoryData<string> Names => [.. Configs.Keys];

    private static ModelConfig Gpt2 => TinyModels.Config(tied: true).OfFamily("gpt2");

    [Theory, MemberData(nameof(Names))]
    public void Every_gradient_agrees_with_finite_differences(string name)
    {
        using var decoder = TinyModels.Lively(Configs[name]);
        foreach (var parameter in decoder.Parameters) parameter.RequireGradient();
        Loss(decoder, new ForwardTreatment(), gradients: true);
        foreach (var (parameter, stream) in decoder.Parameters.Select((parameter, index) => (parameter, (ulong)index)))
        {
            float[] origin = parameter.Value.ToArray(), gradient = parameter.Gradient!.ToArray();
            var length = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(length > 1e-6 || parameter.Name.EndsWith("k_proj.bias", StringComparison.Ordinal), $"{parameter.Name} has no gradient.");
            if (length <= 1e-6) continue; // a key's bias adds the same to all scores of a query
            using var noise = Tensor.Allocate(parameter.Value.Shape);
            Philox.FillNormal(noise, 5, stream, 1 / MathF.Sqrt(origin.Length));
            double[] direction = [.. noise.ToArray().Select((value, i) => value + (gradient[i] / length))];
            double At(double h)
            {
                parameter.Value.CopyFrom([.. origin.Select((w, i) => (float)(w + (h * direction[i])))]);
                parameter.MarkChanged();
                return Loss(decoder, new ForwardTreatment());
            }

            double Slope(double h) => (At(h) - At(-h)) / (2 * h);
            var measured = ((4 * Slope(0.01)) - Slope(0.02)) / 3;
            var expected = gradient.Select((g, i) => g * direction[i]).Sum();
            Assert.True(Math.Abs(measured - expected) <= 5e-3 * Math.Abs(expected) + 1e-5, $"{parameter.Name}: {expected} computed, {measured} measured.");
            parameter.Value.CopyFrom(origin);
            parameter.MarkChanged();
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Computing_layers_again_changes_no_bit(string name)
    {
        using var decoder = TinyModels.Lively(Configs[name]);
        float[][] Gradients(bool again)
        {
            foreach (var parameter in decoder.Parameters) parameter.RequireGradient().Fill(0);
            Loss(decoder, new ForwardTreatment { DropoutRate = 0.1f, Seed = 3, Recompute = again }, gradients: true);
            return [.. decoder.Parameters.Select(parameter => parameter.Gradient!.ToArray())];
        }

        foreach (var (kept, computed) in Gradients(false).Zip(Gradients(true))) Assert.Equal(kept, computed);
    }

    [Fact]
    public void A_relu2_model_keeps_its_configuration_in_config_json_and_is_refused_as_GGUF()
    {
        var config = Configs["relu2"];
        Assert.Equal(config, ModelConfigJson.FromJson(config.ToJson()));
        Assert.Throws<ModelFormatException>(() => (config with { GatedMlp = true }).Validate());
        using var decoder = TinyModels.Lively(config);
        var error = Assert.Throws<ModelFormatException>(() => GgufExport.Tensors(decoder, DType.F32));
        Assert.Contains("relu2", error.Message, StringComparison.Ordinal);
    }

    private static double Loss(Decoder decoder, ForwardTreatment treatment, bool gradients = false)
    {
        using var context = new ComputeContext(1);
        using var arena = new Arena();
        var tape = gradients ? new Tape() : null;
        var operations = new Operations(context, arena, tape) { Treatment = gradients ? treatment : null };
        var tokens = TinyModels.Tokens(19, 48);
        var hidden = decoder.Forward(operations, tokens.AsMemory(0, 18), AttentionBatch.Whole(2, 9));
        var loss = decoder.Loss(operations, hidden, tokens.AsMemory(1), default, 1f / 18);
        tape?.Backward();
        return loss;
    }
}
