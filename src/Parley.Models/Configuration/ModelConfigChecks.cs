using Parley.Tensors;

namespace Parley.Models;

/// <summary>What must hold of a configuration before a model is made of it; fields are named as config.json names them.</summary>
internal static class ModelConfigChecks
{
    public static void Check(ModelConfig config)
    {
        ModelFamily.Require(config.Architecture);
        CheckSizes(config);
        CheckRotation(config);
        CheckAttention(config);
        CheckFeedForward(config);
        CheckEncoder(config);
        Require(config.NormEpsilon is > 0f and < 1f, "rms_norm_eps", $"{config.NormEpsilon:R} must lie between 0 and 1");
        Require(Enum.IsDefined(config.Norm), "norm", $"{config.Norm} is not a norm");
        Require(Enum.IsDefined(config.Activation), "hidden_act", $"{config.Activation} is not an activation");
        RequirePositive(config.EmbeddingScale, "embedding_multiplier");
        RequirePositive(config.ResidualScale, "residual_multiplier");
        RequirePositive(config.LogitScale, "logits_scaling");
        RequireCap(config.LogitSoftCap, "final_logit_softcapping");
    }

    private static void CheckSizes(ModelConfig config)
    {
        RequireRange(config.VocabularySize, 2, 1 << 24, "vocab_size");
        RequireRange(config.HiddenSize, 1, 1 << 18, "hidden_size");
        RequireRange(config.IntermediateSize, 1, 1 << 20, "intermediate_size");
        RequireRange(config.Layers, 1, 4096, "num_hidden_layers");
        RequireRange(config.Heads, 1, 4096, "num_attention_heads");
        RequireRange(config.KVHeads, 1, config.Heads, "num_key_value_heads");
        RequireRange(config.HeadDim, 2, HeadDims.Largest, "head_dim");
        RequireRange(config.ContextLength, 1, 1 << 26, "max_position_embeddings");
        Require(config.Heads % config.KVHeads == 0, "num_key_value_heads", $"{config.KVHeads} must divide the {config.Heads} attention heads");
        Require(config.HeadDim % 2 == 0 || config.LearnedPositions, "head_dim", $"{config.HeadDim} must be even, because heads are turned in pairs");
        Require((long)config.Heads * config.HeadDim <= 1 << 20, "head_dim", $"{config.Heads} heads of {config.HeadDim} are wider than {1 << 20}");
    }

    private static void CheckRotation(ModelConfig config)
    {
        Require(float.IsFinite(config.RopeTheta) && config.RopeTheta >= 1f, "rope_theta", $"{config.RopeTheta:R} must be a finite number of at least 1");
        Require(
            config.LocalRopeTheta == 0 || (float.IsFinite(config.LocalRopeTheta) && config.LocalRopeTheta >= 1f),
            "rope_local_base_freq",
            $"{config.LocalRopeTheta:R} must be a finite number of at least 1");
        Require(Enum.IsDefined(config.RopeStyle), "rope_interleaved", $"{config.RopeStyle} is not a rotary style");
        Require(
            config.RotaryDim >= 0 && config.RotaryDim % 2 == 0 && config.RotaryDim <= config.HeadDim,
            "rotary_dim",
            $"{config.RotaryDim} must be even and at most the head's {config.HeadDim}");
        Require(config.UnrotatedLayers.Reach <= config.Layers, "no_rope_layers", $"names layer {config.UnrotatedLayers.Reach - 1}, but there are {config.Layers}");
        if (config.RopeScaling is { } scaling)
        {
            CheckScaling(config, scaling);
        }
    }

    private static void CheckScaling(ModelConfig config, RopeScaling scaling)
    {
        const string field = "rope_scaling";
        var pairs = config.RotatedWidth / 2;
        var isLong = scaling.Kind == RopeScalingKind.LongRope;
        Require(Enum.IsDefined(scaling.Kind), field, $"{scaling.Kind} is not a kind of rotary scaling");
        Require(IsPositive(scaling.Factor), field, $"has the factor {scaling.Factor:R}, which must be positive");
        Require(scaling.AttentionFactor == 0 || IsPositive(scaling.AttentionFactor), field, $"has the attention factor {scaling.AttentionFactor:R}, which must be positive");
        Require(
            scaling.OriginalContext > 0 || scaling.Kind is RopeScalingKind.Linear or RopeScalingKind.Factors,
            field,
            $"needs the original context length (original_max_position_embeddings), not {scaling.OriginalContext}");
        Require(
            scaling.Kind != RopeScalingKind.Llama3 || (IsPositive(scaling.LowFrequencyFactor) && scaling.HighFrequencyFactor > scaling.LowFrequencyFactor),
            field,
            "needs a low_freq_factor above 0 and a high_freq_factor above that");
        Require(
            scaling.Kind != RopeScalingKind.Yarn || (IsPositive(scaling.BetaFast) && IsPositive(scaling.BetaSlow)), field, "needs positive beta_fast and beta_slow");
        Require(
            (scaling.Factors.Count == pairs || (scaling.Factors.Count == 0 && !isLong && scaling.Kind != RopeScalingKind.Factors)) && scaling.Factors.All(IsPositive),
            field,
            $"has {scaling.Factors.Count} factors; {pairs} positive ones are needed, one for each pair");
        Require(
            !isLong || (scaling.LongFactors.Count == pairs && scaling.LongFactors.All(IsPositive)),
            field,
            $"has {scaling.LongFactors.Count} long factors; {pairs} positive ones are needed, one for each pair");
    }

    private static void CheckAttention(ModelConfig config)
    {
        Require(config.SlidingWindow >= 0, "sliding_window", $"{config.SlidingWindow} must not be negative");
        Require(config.SlidingWindow > 0 || config.WindowedLayers.IsEmpty, "sliding_window", "is missing, but layers use one");
        Require(config.WindowedLayers.Reach <= config.Layers, "layer_types", $"names layer {config.WindowedLayers.Reach - 1}, but there are {config.Layers}");
        Require(config.AttentionScale == 0 || IsPositive(config.AttentionScale), "attention_multiplier", $"{config.AttentionScale:R} must be positive");
        RequireCap(config.AttentionSoftCap, "attn_logit_softcapping");
    }

    private static void CheckFeedForward(ModelConfig config)
    {
        RequireRange(config.Experts, 0, 4096, "num_local_experts");
        Require(
            config.Experts == 0 ? config.ExpertsPerToken == 0 : config.ExpertsPerToken >= 1 && config.ExpertsPerToken <= config.Experts,
            "num_experts_per_tok",
            $"{config.ExpertsPerToken} must lie between 1 and the {config.Experts} experts");
        Require(config.GatedMlp || config.Activation != Activation.Silu, "hidden_act", "must be gelu or gelu_new where the feed-forward block has no gate");
        Require(!config.GatedMlp || config.Activation != Activation.GeluErf, "hidden_act", "cannot be gelu (by the error function) where the feed-forward block has a gate");
        Require(!config.GatedMlp || config.Activation != Activation.Relu2, "hidden_act", "cannot be relu2 where the feed-forward block has a gate");
        Require(config.Experts == 0 || (config.GatedMlp && !config.MlpBias), "num_local_experts", "are gated and without biases here");
    }

    private static void CheckEncoder(ModelConfig config)
    {
        RequireRange(config.TokenTypes, 0, 1024, "type_vocab_size");
        RequireRange(config.Classes, 0, 1 << 16, "num_labels");
        Require(Enum.IsDefined(config.Pooling), "pooling", $"{config.Pooling} is not a pooling");
        Require(config.Causal || config.SlidingWindow == 0, "sliding_window", "is not supported where attention is bidirectional");
        Require(config.Norm == NormKind.Layer || !(config.EmbeddingNorm || config.NormsAfterResidual), "norm", "must be LayerNorm where embeddings or sums are normalised");
        Require(!(config.NormsAfterResidual && config.PostNorms), "post_norms", "cannot be there where sums are normalised");
        Require(config.Classes > 0 || !(config.ClassifierDense || config.Pooling == Pooling.Rank), "num_labels", "is 0, but there is a classification head");
    }

    private static bool IsPositive(float value) => float.IsFinite(value) && value > 0;

    private static void RequirePositive(float value, string field) => Require(IsPositive(value), field, $"{value:R} must be a positive number");

    private static void RequireCap(float value, string field) => Require(value == 0 || IsPositive(value), field, $"{value:R} must be a positive number");

    private static void RequireRange(int value, int least, int most, string field) =>
        Require(value >= least && value <= most, field, $"{value} must lie between {least} and {most}");

    private static void Require(bool holds, string field, string problem)
    {
        if (!holds)
        {
            throw new ModelFormatException($"The model configuration is not usable: {field} {problem}.") { Field = field };
        }
    }
}
