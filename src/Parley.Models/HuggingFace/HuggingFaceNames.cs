using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>Tensor names of transformers for ours, which are Llama's: most families have the same. Pure.</summary>
/// <param name="config">The architecture.</param>
/// <param name="prefix">What stands before <c>layers.0</c> in this folder: "model." mostly.</param>
internal sealed class HuggingFaceNames(ModelConfig config, string prefix)
{
    private static readonly Dictionary<string, string> Gpt2 = new(StringComparer.Ordinal)
    {
        ["input_layernorm"] = "ln_1",
        ["self_attn.o_proj"] = "attn.c_proj",
        ["post_attention_layernorm"] = "ln_2",
        ["mlp.up_proj"] = "mlp.c_fc",
        ["mlp.down_proj"] = "mlp.c_proj",
    };

    private static readonly Dictionary<string, string> Mixtral = new(StringComparer.Ordinal)
    {
        ["gate_proj"] = "w1",
        ["down_proj"] = "w2",
        ["up_proj"] = "w3",
    };

    private readonly bool _isGpt2 = string.Equals(config.Architecture, "gpt2", StringComparison.Ordinal);
    private readonly bool _isMixtral = string.Equals(config.Architecture, "mixtral", StringComparison.Ordinal);

    /// <summary>The tensor in which a folder has the embeddings, without the prefix.</summary>
    public static string EmbeddingOf(ModelConfig config) => config.Architecture switch
    {
        "gpt2" => "wte.weight",
        "bert" => BertNames.Embedding,
        _ => "embed_tokens.weight",
    };

    public HuggingFacePlace Of(ParameterSpec spec)
    {
        if (string.Equals(config.Architecture, "bert", StringComparison.Ordinal))
        {
            return new(BertNames.Of(spec, prefix), spec.Shape);
        }

        if (spec.Layer < 0)
        {
            return new(Outside(spec.Name), spec.Shape);
        }

        var local = spec.LocalName;
        var dot = local.LastIndexOf('.');
        var (part, kind) = (local[..dot], local[dot..]);
        if (spec.Expert >= 0)
        {
            var matrix = part[(part.LastIndexOf('.') + 1)..];
            return new(InLayer(spec, _isMixtral ? $"block_sparse_moe.experts.{Text(spec.Expert)}.{Mixtral[matrix]}{kind}" : $"mlp.experts.{Text(spec.Expert)}.{matrix}{kind}"), spec.Shape);
        }

        if (_isMixtral && spec.Role == ParameterRole.Router)
        {
            return new(InLayer(spec, "block_sparse_moe.gate.weight"), spec.Shape);
        }

        var isTransposed = _isGpt2 && spec.Shape.Rank == 2;
        if (ModelFamily.Of(config).IsFused && Fused(part) is { } fused)
        {
            var whole = spec.Shape.Rank == 1 ? new Shape(fused.Rows) : new Shape(fused.Rows, spec.Shape[1]);
            return new(InLayer(spec, fused.Name + kind), whole, fused.First, isTransposed);
        }

        return new(InLayer(spec, (_isGpt2 ? Gpt2[part] : part) + kind), spec.Shape, 0, isTransposed);
    }

    private (string Name, int Rows, int First)? Fused(string part)
    {
        var (queries, keys, inner) = (config.Heads * config.HeadDim, config.KVHeads * config.HeadDim, config.IntermediateSize);
        var (all, name) = (queries + (2 * keys), _isGpt2 ? "attn.c_attn" : "self_attn.qkv_proj");
        return part switch
        {
            "self_attn.q_proj" => (name, all, 0),
            "self_attn.k_proj" => (name, all, queries),
            "self_attn.v_proj" => (name, all, queries + keys),
            "mlp.gate_proj" => ("mlp.gate_up_proj", 2 * inner, 0),
            "mlp.up_proj" when config.GatedMlp => ("mlp.gate_up_proj", 2 * inner, inner),
            _ => null,
        };
    }

    private string Outside(string name) => name switch
    {
        ParameterLayout.Embedding => prefix + EmbeddingOf(config),
        ParameterLayout.Positions => prefix + "wpe.weight",
        ParameterLayout.FinalNorm => prefix + (_isGpt2 ? "ln_f.weight" : "norm.weight"),
        ParameterLayout.FinalNormBias => prefix + (_isGpt2 ? "ln_f.bias" : "norm.bias"),
        _ when prefix.StartsWith("language_model.", StringComparison.Ordinal) => "language_model." + name,
        _ => name, // the head stands beside the model
    };

    private string InLayer(ParameterSpec spec, string name) => $"{prefix}{(_isGpt2 ? "h" : "layers")}.{Text(spec.Layer)}.{name}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
