using Parley.Tensors;

namespace Parley.Models.Tests;

/// <summary>
/// A tiny model of every family: the configuration spelled out field by field, and what Hugging Face's config.json says of it beyond the
/// sizes. Nothing square, so that a swapped extent shows.
/// </summary>
internal static class Families
{
    private static readonly ModelConfig Sizes = TinyModels.Config() with { HiddenSize = 48, Layers = 4, NormEpsilon = 1e-6f };

    private static readonly ModelConfig Gemma = Sizes with
    {
        TieEmbeddings = true,
        PostNorms = true,
        Activation = Activation.GeluTanh,
        EmbeddingScale = MathF.Sqrt(48),
        AttentionScale = 0.25f,
        SlidingWindow = 5,
    };

    private static readonly Dictionary<string, (ModelConfig Config, string Json)> All = new(StringComparer.Ordinal)
    {
        ["llama"] = (
            Sizes with { RopeTheta = 500_000, RopeScaling = Llama3, QueryKeyValueBias = true, OutputBias = true, MlpBias = true },
            """
            "rope_theta":500000,"attention_bias":true,"mlp_bias":true,
            "rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":32}
            """),
        ["mistral"] = (
            Sizes with { Architecture = "mistral", SlidingWindow = 7, WindowedLayers = LayerSet.All(4), RopeScaling = Linear },
            """ "sliding_window":7,"rope_scaling":{"type":"linear","factor":2.0} """),
        ["mixtral"] = (
            Sizes with { Architecture = "mixtral", RopeTheta = 1e6f, Experts = 5, ExpertsPerToken = 2 },
            """ "rope_theta":1000000.0,"num_local_experts":5,"num_experts_per_tok":2,"sliding_window":null """),
        ["qwen2"] = (
            Sizes with { Architecture = "qwen2", QueryKeyValueBias = true, RopeScaling = Yarn },
            """
            "sliding_window":8,"use_sliding_window":false,"max_window_layers":2,
            "rope_parameters":{"rope_type":"yarn","rope_theta":10000.0,"factor":4.0,"original_max_position_embeddings":32}
            """),
        ["qwen3"] = (Sizes with { Architecture = "qwen3", QueryKeyNorms = true, TieEmbeddings = true }, """ "tie_word_embeddings":true,"attention_bias":false """),
        ["qwen3moe"] = (
            Sizes with { Architecture = "qwen3moe", QueryKeyNorms = true, Experts = 6, ExpertsPerToken = 3, IntermediateSize = 32 },
            """
            "num_experts":6,"num_experts_per_tok":3,"moe_intermediate_size":32,"norm_topk_prob":true,"decoder_sparse_step":1,"mlp_only_layers":[]
            """),
        ["gemma2"] = (
            Gemma with { Architecture = "gemma2", AttentionSoftCap = 50, LogitSoftCap = 30, WindowedLayers = LayerSet.AllButEvery(2, 4) },
            """ "query_pre_attn_scalar":16,"sliding_window":5,"hidden_activation":"gelu_pytorch_tanh" """),
        ["gemma3"] = (
            Gemma with
            {
                Architecture = "gemma3",
                QueryKeyNorms = true,
                RopeTheta = 1e6f,
                LocalRopeTheta = 10_000,
                RopeScaling = Linear,
                WindowedLayers = LayerSet.Where(4, layer => layer != 2),
            },
            """
            "query_pre_attn_scalar":16,"sliding_window":5,"hidden_activation":"gelu_pytorch_tanh","rope_local_base_freq":10000.0,"rope_theta":1000000.0,
            "rope_scaling":{"rope_type":"linear","factor":2.0},"final_logit_softcapping":null,
            "layer_types":["sliding_attention","sliding_attention","full_attention","sliding_attention"]
            """),
        ["phi3"] = (
            Sizes with { Architecture = "phi3", RotaryDim = 12, RopeScaling = LongRope, SlidingWindow = 9, WindowedLayers = LayerSet.All(4) },
            """
            "partial_rotary_factor":0.75,"sliding_window":9,"original_max_position_embeddings":64,
            "rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,2,2],"long_factor":[1,2,3,4,5,6.5]}
            """),
        ["gpt2"] = (
            Sizes with
            {
                Architecture = "gpt2",
                HiddenSize = 64,
                IntermediateSize = 256,
                KVHeads = 4,
                Norm = NormKind.Layer,
                NormEpsilon = 1e-5f,
                LearnedPositions = true,
                GatedMlp = false,
                Activation = Activation.GeluTanh,
                QueryKeyValueBias = true,
                OutputBias = true,
                MlpBias = true,
                TieEmbeddings = true,
            },
            ""),
        ["smollm3"] = (
            Sizes with { Architecture = "smollm3", TieEmbeddings = true, UnrotatedLayers = LayerSet.Where(4, layer => layer == 3) },
            """ "no_rope_layers":[1,1,1,0],"no_rope_layer_interval":4,"use_sliding_window":false """),
        ["granite"] = (
            Sizes with { Architecture = "granite", EmbeddingScale = 12, ResidualScale = 0.22f, AttentionScale = 0.125f, LogitScale = 8 },
            """ "embedding_multiplier":12.0,"residual_multiplier":0.22,"attention_multiplier":0.125,"logits_scaling":8.0 """),
    };

    public static IEnumerable<string> Names => All.Keys;

    private static RopeScaling Llama3 => new() { Kind = RopeScalingKind.Llama3, Factor = 8, OriginalContext = 32 };

    private static RopeScaling Linear => new() { Kind = RopeScalingKind.Linear, Factor = 2 };

    private static RopeScaling Yarn => new() { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalContext = 32 };

    private static RopeScaling LongRope => new()
    {
        Kind = RopeScalingKind.LongRope,
        OriginalContext = 64,
        Factors = new NumberList([1, 1, 1, 1, 2, 2]),
        LongFactors = new NumberList([1, 2, 3, 4, 5, 6.5f]),
    };

    public static ModelConfig Config(string family) => All[family].Config;

    /// <summary>Hugging Face's config.json of it.</summary>
    public static string Json(string family)
    {
        var (config, further) = All[family];
        var type = family switch { "qwen3moe" => "qwen3_moe", "gemma3" => "gemma3_text", _ => family };
        return family == "gpt2"
            ? """{"model_type":"gpt2","vocab_size":48,"n_embd":64,"n_layer":4,"n_head":4,"n_positions":128,"n_inner":null,"activation_function":"gelu_new"}"""
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""
                {"model_type":"{{type}}","vocab_size":48,"hidden_size":48,"intermediate_size":64,"num_hidden_layers":4,"num_attention_heads":4,
                 "num_key_value_heads":2,"head_dim":16,"max_position_embeddings":128,"rms_norm_eps":1e-6,{{further}}}
                """);
    }
}
