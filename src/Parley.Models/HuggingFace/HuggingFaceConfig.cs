using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// <see cref="ModelConfig"/> from a config.json of Hugging Face's transformers, with the defaults of its classes. Keys that change no
/// number (torch_dtype, use_cache, transformers_version ...) are ignored; keys that would, and are not implemented, are refused by name.
/// </summary>
internal static class HuggingFaceConfig
{
    public static ModelConfig Read(JsonFields fields)
    {
        var type = fields.Text("model_type");
        if (fields.Object("text_config") is { } text && ModelFamily.ByHuggingFaceType(type) is not null)
        {
            fields = text; // a model of text and images; the text half is a model of its own
        }

        var family = ModelFamily.ByHuggingFaceType(type) ?? throw fields.Error("model_type", ModelFamily.Refusal(type));
        Refuse(fields);
        var sizes = Sizes(fields, family.UsualSizes) with { Architecture = family.Name };
        return Encoder(fields, family, Scales(fields, HuggingFaceLayers.Read(fields, HuggingFaceRope.Read(fields, Parts(fields, family.Traits(sizes))))));
    }

    /// <summary>The sizes, under the keys of Llama and of GPT-2.</summary>
    /// <param name="fields">The file.</param>
    /// <param name="usual">What the family's class has for keys that are absent.</param>
    public static ModelConfig Sizes(JsonFields fields, IReadOnlyDictionary<string, int> usual)
    {
        int? Usual(string key) => usual.TryGetValue(key, out var value) ? value : null;
        int Integer(string key, string other) => fields.Has(other) ? fields.Integer(other) : fields.Integer(key, Usual(key));
        var heads = Integer("num_attention_heads", "n_head");
        var hidden = Integer("hidden_size", "n_embd");
        var inner = fields.Has("n_embd") ? fields.Integer("n_inner", Multiple(hidden, 4)) : fields.Integer("intermediate_size");
        return new ModelConfig
        {
            VocabularySize = fields.Integer("vocab_size", Usual("vocab_size")),
            HiddenSize = hidden,
            IntermediateSize = fields.Integer("moe_intermediate_size", inner),
            Layers = Integer("num_hidden_layers", "n_layer"),
            Heads = heads,
            KVHeads = fields.Integer("num_key_value_heads", Usual("num_key_value_heads") ?? heads),
            HeadDim = fields.Integer("head_dim", Usual("head_dim") ?? (heads > 0 ? hidden / heads : 0)),
            ContextLength = Integer("max_position_embeddings", "n_positions"),
        };
    }

    private static ModelConfig Parts(JsonFields fields, ModelConfig traits)
    {
        var hasBias = fields.Flag("attention_bias");
        return traits with
        {
            NormEpsilon = traits.Norm == NormKind.Layer ? fields.Number("layer_norm_epsilon", fields.Number("layer_norm_eps", traits.NormEpsilon)) : fields.Number("rms_norm_eps", 1e-6f),
            TieEmbeddings = fields.Flag("tie_word_embeddings", traits.TieEmbeddings),
            QueryKeyValueBias = traits.QueryKeyValueBias || hasBias,
            OutputBias = traits.OutputBias || hasBias,
            MlpBias = traits.MlpBias || fields.Flag("mlp_bias"),
            Activation = ReadActivation(fields, traits.Activation),
            Experts = fields.Integer("num_local_experts", fields.Integer("num_experts", 0)),
            ExpertsPerToken = fields.Integer("num_experts_per_tok", 0),
            // Mixtral always divides; Qwen says so, and its class's default is not to.
            NormaliseExpertWeights = fields.Flag("norm_topk_prob", !fields.Has("num_experts")),
        };
    }

    private static ModelConfig Scales(JsonFields fields, ModelConfig config)
    {
        var isGemma2 = string.Equals(config.Architecture, "gemma2", StringComparison.Ordinal);
        float Cap(string key, float absent) => fields.Names(key) ? fields.Number(key, 0) : absent; // null means none
        var width = fields.Number("query_pre_attn_scalar", config.PostNorms ? 256 : 0);
        return config with
        {
            AttentionScale = fields.Number("attention_multiplier", width > 0 ? 1 / MathF.Sqrt(width) : 0),
            AttentionSoftCap = Cap("attn_logit_softcapping", isGemma2 ? 50 : 0),
            LogitSoftCap = Cap("final_logit_softcapping", isGemma2 ? 30 : 0),
            EmbeddingScale = fields.Number("embedding_multiplier", config.EmbeddingScale),
            ResidualScale = fields.Number("residual_multiplier", config.ResidualScale),
            LogitScale = fields.Number("logits_scaling", config.LogitScale),
        };
    }

    private static ModelConfig Encoder(JsonFields fields, ModelFamily family, ModelConfig config)
    {
        if (config.Causal)
        {
            return config;
        }

        var positions = fields.Text("position_embedding_type", "absolute");
        if (positions != "absolute" || fields.Flag("is_decoder"))
        {
            throw fields.Error("position_embedding_type", $"only encoders with absolute positions are supported, not {positions} ones or decoders. Use another model.");
        }

        var ranks = fields.Matches("architectures", "BertForSequenceClassification") is [true, ..];
        return config with
        {
            TokenTypes = fields.Integer("type_vocab_size", family.UsualSizes["type_vocab_size"]),
            Classes = ranks ? fields.Object("id2label")?.Count ?? fields.Integer("num_labels", 2) : 0, // 2 is transformers' usual
            ClassifierDense = ranks,
            Pooling = ranks ? Pooling.Rank : config.Pooling,
        };
    }

    private static Activation ReadActivation(JsonFields fields, Activation usual)
    {
        // Gemma's first files say "gelu" under hidden_act and mean the tanh form, which hidden_activation names.
        var key = fields.Has("hidden_activation") ? "hidden_activation" : fields.Has("activation_function") ? "activation_function" : "hidden_act";
        var name = fields.Text(key, usual switch { Activation.Silu => "silu", Activation.GeluErf => "gelu", _ => "gelu_pytorch_tanh" });
        return name switch
        {
            "silu" or "swish" => Activation.Silu,
            "gelu_new" or "gelu_pytorch_tanh" => Activation.GeluTanh,
            "gelu" when usual == Activation.GeluErf => Activation.GeluErf,
            _ => throw fields.Error(key, $"the activation \"{name}\" is not supported; silu, gelu_new and gelu_pytorch_tanh are. Use another model."),
        };
    }

    private static void Refuse(JsonFields fields)
    {
        fields.RequireAbsent("quantization_config", "a quantised safetensors model (load its GGUF)");
        foreach (var key in (ReadOnlySpan<string>)["scale_attn_by_inverse_layer_idx", "add_cross_attention", "use_bidirectional_attention"])
        {
            if (fields.Flag(key))
            {
                throw fields.Error(key, "this setting is not supported yet. Use a model without it.");
            }
        }

        if (!fields.Flag("scale_attn_weights", absent: true))
        {
            throw fields.Error("scale_attn_weights", "attention without its scale is not supported yet. Use a model without this setting.");
        }

        if (fields.Integer("decoder_sparse_step", 1) != 1 || fields.Integers("mlp_only_layers").Count > 0)
        {
            throw fields.Error("decoder_sparse_step", "experts in only some of the layers are not supported yet. Use another model.");
        }
    }

    private static int Multiple(int value, int factor) => (int)Math.Min(int.MaxValue, (long)value * factor);
}
