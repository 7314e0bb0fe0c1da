using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>The object "parley" of a config.json: one key for every field of <see cref="ModelConfig"/> that is not a plain Llama's.</summary>
internal static class OwnFields
{
    /// <summary>The same sizes without anything that the object "parley" would hold.</summary>
    public static ModelConfig PlainLlama(ModelConfig config) => new()
    {
        VocabularySize = config.VocabularySize,
        HiddenSize = config.HiddenSize,
        IntermediateSize = config.IntermediateSize,
        Layers = config.Layers,
        Heads = config.Heads,
        KVHeads = config.KVHeads,
        HeadDim = config.HeadDim,
        ContextLength = config.ContextLength,
        NormEpsilon = config.NormEpsilon,
        RopeTheta = config.RopeTheta,
        RopeStyle = config.RopeStyle,
        TieEmbeddings = config.TieEmbeddings,
    };

    public static void Write(Utf8JsonWriter writer, ModelConfig config)
    {
        writer.WriteString("architecture", config.Architecture);
        writer.WriteString("norm", config.Norm.ToString());
        writer.WriteBoolean("post_norms", config.PostNorms);
        writer.WriteBoolean("query_key_norms", config.QueryKeyNorms);
        writer.WriteBoolean("query_key_value_bias", config.QueryKeyValueBias);
        writer.WriteBoolean("output_bias", config.OutputBias);
        writer.WriteBoolean("mlp_bias", config.MlpBias);
        writer.WriteString("activation", config.Activation.ToString());
        writer.WriteBoolean("gated_mlp", config.GatedMlp);
        writer.WriteBoolean("learned_positions", config.LearnedPositions);
        writer.WriteNumber("rotary_dim", config.RotaryDim);
        writer.WriteNumber("local_rope_theta", config.LocalRopeTheta);
        WriteLayers(writer, "unrotated_layers", config.UnrotatedLayers);
        writer.WriteNumber("sliding_window", config.SlidingWindow);
        WriteLayers(writer, "windowed_layers", config.WindowedLayers);
        writer.WriteNumber("attention_scale", config.AttentionScale);
        writer.WriteNumber("attention_soft_cap", config.AttentionSoftCap);
        writer.WriteNumber("logit_soft_cap", config.LogitSoftCap);
        writer.WriteNumber("embedding_scale", config.EmbeddingScale);
        writer.WriteNumber("residual_scale", config.ResidualScale);
        writer.WriteNumber("logit_scale", config.LogitScale);
        writer.WriteNumber("experts", config.Experts);
        writer.WriteNumber("experts_per_token", config.ExpertsPerToken);
        writer.WriteBoolean("normalise_expert_weights", config.NormaliseExpertWeights);
        if (config.RopeScaling is { } scaling)
        {
            WriteScaling(writer, scaling);
        }

        if (Encoder(config, config) != Encoder(config, PlainLlama(config)))
        {
            WriteEncoder(writer, config);
        }
    }

    /// <param name="fields">The whole file, which has the sizes.</param>
    /// <param name="own">The object "parley".</param>
    public static ModelConfig Read(JsonFields fields, JsonFields own)
    {
        var config = ReadDecoder(fields, own);
        return own.Object("encoder") is { } encoder ? ReadEncoder(encoder, config) : config;
    }

    private static ModelConfig ReadDecoder(JsonFields fields, JsonFields own) => HuggingFaceConfig.Sizes(fields, new Dictionary<string, int>(StringComparer.Ordinal)) with
    {
        Architecture = own.Text("architecture"),
        NormEpsilon = fields.Number("rms_norm_eps", 0),
        RopeTheta = fields.Number("rope_theta", 0),
        RopeStyle = fields.Flag("rope_interleaved") ? RotaryStyle.Interleaved : RotaryStyle.Neox,
        TieEmbeddings = fields.Flag("tie_word_embeddings"),
        Norm = Choice<NormKind>(own, "norm"),
        PostNorms = own.Flag("post_norms"),
        QueryKeyNorms = own.Flag("query_key_norms"),
        QueryKeyValueBias = own.Flag("query_key_value_bias"),
        OutputBias = own.Flag("output_bias"),
        MlpBias = own.Flag("mlp_bias"),
        Activation = Choice<Activation>(own, "activation"),
        GatedMlp = own.Flag("gated_mlp"),
        LearnedPositions = own.Flag("learned_positions"),
        RotaryDim = own.Integer("rotary_dim"),
        LocalRopeTheta = own.Number("local_rope_theta", 0),
        UnrotatedLayers = Layers(own, "unrotated_layers"),
        SlidingWindow = own.Integer("sliding_window"),
        WindowedLayers = Layers(own, "windowed_layers"),
        AttentionScale = own.Number("attention_scale", 0),
        AttentionSoftCap = own.Number("attention_soft_cap", 0),
        LogitSoftCap = own.Number("logit_soft_cap", 0),
        EmbeddingScale = own.Number("embedding_scale", 1),
        ResidualScale = own.Number("residual_scale", 1),
        LogitScale = own.Number("logit_scale", 1),
        Experts = own.Integer("experts"),
        ExpertsPerToken = own.Integer("experts_per_token"),
        NormaliseExpertWeights = own.Flag("normalise_expert_weights"),
        RopeScaling = own.Object("rope_scaling") is { } scaling ? ReadScaling(scaling) : null,
    };

    // A configuration with another's fields of encoders: written apart, so that decoders keep the bytes and with them the identity they had before.
    private static ModelConfig Encoder(ModelConfig config, ModelConfig fields) => config with
    {
        Causal = fields.Causal,
        Pooling = fields.Pooling,
        TokenTypes = fields.TokenTypes,
        EmbeddingNorm = fields.EmbeddingNorm,
        NormsAfterResidual = fields.NormsAfterResidual,
        Classes = fields.Classes,
        ClassifierDense = fields.ClassifierDense,
    };

    private static void WriteEncoder(Utf8JsonWriter writer, ModelConfig config)
    {
        writer.WriteStartObject("encoder");
        writer.WriteBoolean("causal", config.Causal);
        writer.WriteString("pooling", config.Pooling.ToString());
        writer.WriteNumber("token_types", config.TokenTypes);
        writer.WriteBoolean("embedding_norm", config.EmbeddingNorm);
        writer.WriteBoolean("norms_after_residual", config.NormsAfterResidual);
        writer.WriteNumber("classes", config.Classes);
        writer.WriteBoolean("classifier_dense", config.ClassifierDense);
        writer.WriteEndObject();
    }

    private static ModelConfig ReadEncoder(JsonFields fields, ModelConfig config) => config with
    {
        Causal = fields.Flag("causal"),
        Pooling = Choice<Pooling>(fields, "pooling"),
        TokenTypes = fields.Integer("token_types"),
        EmbeddingNorm = fields.Flag("embedding_norm"),
        NormsAfterResidual = fields.Flag("norms_after_residual"),
        Classes = fields.Integer("classes"),
        ClassifierDense = fields.Flag("classifier_dense"),
    };

    private static void WriteScaling(Utf8JsonWriter writer, RopeScaling scaling)
    {
        writer.WriteStartObject("rope_scaling");
        writer.WriteString("kind", scaling.Kind.ToString());
        writer.WriteNumber("factor", scaling.Factor);
        writer.WriteNumber("original_context", scaling.OriginalContext);
        writer.WriteNumber("low_frequency_factor", scaling.LowFrequencyFactor);
        writer.WriteNumber("high_frequency_factor", scaling.HighFrequencyFactor);
        writer.WriteNumber("beta_fast", scaling.BetaFast);
        writer.WriteNumber("beta_slow", scaling.BetaSlow);
        if (!scaling.WholePairs)
        {
            writer.WriteBoolean("whole_pairs", false); // only then, so that other models keep the bytes and with them the identity they had before
        }

        writer.WriteNumber("attention_factor", scaling.AttentionFactor);
        WriteNumbers(writer, "factors", scaling.Factors);
        WriteNumbers(writer, "long_factors", scaling.LongFactors);
        writer.WriteEndObject();
    }

    private static RopeScaling ReadScaling(JsonFields fields)
    {
        var usual = new RopeScaling { Kind = Choice<RopeScalingKind>(fields, "kind") };
        return usual with
        {
            Factor = fields.Number("factor", usual.Factor),
            OriginalContext = fields.Integer("original_context"),
            LowFrequencyFactor = fields.Number("low_frequency_factor", usual.LowFrequencyFactor),
            HighFrequencyFactor = fields.Number("high_frequency_factor", usual.HighFrequencyFactor),
            BetaFast = fields.Number("beta_fast", usual.BetaFast),
            BetaSlow = fields.Number("beta_slow", usual.BetaSlow),
            WholePairs = fields.Flag("whole_pairs", absent: true),
            AttentionFactor = fields.Number("attention_factor", 0),
            Factors = new NumberList(fields.Numbers("factors")),
            LongFactors = new NumberList(fields.Numbers("long_factors")),
        };
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string key, NumberList numbers)
    {
        writer.WriteStartArray(key);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void WriteLayers(Utf8JsonWriter writer, string key, LayerSet layers)
    {
        writer.WriteStartArray(key);
        for (var layer = 0; layer < layers.Reach; layer++)
        {
            writer.WriteBooleanValue(layers.Contains(layer));
        }

        writer.WriteEndArray();
    }

    private static LayerSet Layers(JsonFields fields, string key)
    {
        var marks = fields.Integers(key);
        return LayerSet.Where(marks.Count, layer => marks[layer] != 0);
    }

    private static T Choice<T>(JsonFields fields, string key)
        where T : struct, Enum =>
        Enum.TryParse<T>(fields.Text(key), out var value) && Enum.IsDefined(value)
            ? value
            : throw fields.Error(key, $"must be one of {string.Join(", ", Enum.GetNames<T>())}. Correct it.");
}
