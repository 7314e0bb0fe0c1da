using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Rotation as config.json states it: <c>rope_theta</c> and <c>rope_scaling</c>, or since transformers 5 the one object
/// <c>rope_parameters</c>, which Gemma 3 has once for each kind of layer.
/// </summary>
internal static class HuggingFaceRope
{
    public static ModelConfig Read(JsonFields fields, ModelConfig config)
    {
        var parameters = fields.Object("rope_parameters");
        var global = parameters?.Object("full_attention") ?? parameters;
        var local = parameters?.Object("sliding_attention");
        var share = global?.Number("partial_rotary_factor", 1) ?? 1;
        var width = (int)(config.HeadDim * fields.Number("partial_rotary_factor", share));
        config = config with
        {
            RopeTheta = fields.Number("rope_theta", global?.Number("rope_theta", config.RopeTheta) ?? config.RopeTheta),
            LocalRopeTheta = fields.Number("rope_local_base_freq", local?.Number("rope_theta", config.LocalRopeTheta) ?? config.LocalRopeTheta),
            RotaryDim = width == config.HeadDim ? 0 : width,
            RopeStyle = fields.Flag("rope_interleaved") ? RotaryStyle.Interleaved : RotaryStyle.Neox,
        };
        var scaling = fields.Object("rope_scaling") ?? global;
        return scaling is { } its ? config with { RopeScaling = Scaling(fields, its, config) } : config;
    }

    private static RopeScaling? Scaling(JsonFields fields, JsonFields its, ModelConfig config)
    {
        var type = its.Text("rope_type", its.Text("type", "default"));
        return type switch
        {
            "default" or "none" => null,
            "linear" => new() { Kind = RopeScalingKind.Linear, Factor = Factor(fields, its) },
            "llama3" => new()
            {
                Kind = RopeScalingKind.Llama3,
                Factor = Factor(fields, its),
                LowFrequencyFactor = its.Number("low_freq_factor", 1),
                HighFrequencyFactor = its.Number("high_freq_factor", 4),
                OriginalContext = Original(fields, its, config),
            },
            "yarn" => new()
            {
                Kind = RopeScalingKind.Yarn,
                Factor = Factor(fields, its),
                BetaFast = its.Number("beta_fast", 32),
                BetaSlow = its.Number("beta_slow", 1),
                WholePairs = its.Flag("truncate", absent: true),
                AttentionFactor = YarnMagnitude(its, Factor(fields, its)),
                OriginalContext = Original(fields, its, config),
            },
            "longrope" or "su" => new()
            {
                Kind = RopeScalingKind.LongRope,
                // A file of Phi's names the original context beside rope_scaling, and the ratio of the two contexts is the factor.
                Factor = fields.Has("original_max_position_embeddings") ? 1 : its.Number("factor", 1),
                OriginalContext = Original(fields, its, config),
                AttentionFactor = its.Number("attention_factor", 0),
                Factors = new NumberList(its.Numbers("short_factor")),
                LongFactors = new NumberList(its.Numbers("long_factor")),
            },
            _ => throw fields.Error("rope_scaling", $"rotary scaling \"{type}\" is not supported; linear, llama3, yarn and longrope are. Use a model with one of them."),
        };
    }

    private static float Factor(JsonFields fields, JsonFields its) =>
        its.Has("factor") ? its.Number("factor", 1) : throw fields.Error("rope_scaling", "has no factor. Add it, or restore the file from its source.");

    private static int Original(JsonFields fields, JsonFields its, ModelConfig config) =>
        its.Integer("original_max_position_embeddings", fields.Integer("original_max_position_embeddings", config.ContextLength));

    // DeepSeek's two exponents, where a file gives them, take the place of the paper's formula.
    private static float YarnMagnitude(JsonFields its, float factor)
    {
        var (all, some) = (its.Number("mscale_all_dim", 0), its.Number("mscale", 0));
        var usual = all != 0 && some != 0 && factor > 1 ? ((0.1f * some * MathF.Log(factor)) + 1) / ((0.1f * all * MathF.Log(factor)) + 1) : 0;
        return its.Number("attention_factor", usual);
    }
}
