using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>Where a tensor of ours lies in a GGUF file: in a tensor of that name and shape, from that element on.</summary>
internal readonly record struct GgufPlace(string Name, Shape Whole, long First);

/// <summary>
/// Tensor names of llama.cpp for ours. Experts lie in one tensor of a layer; query, key and value, and gate and up, lie in one where the
/// family fuses them. Pure.
/// </summary>
internal static class GgufNames
{
    public const string Embedding = "token_embd.weight";
    public const string Output = "output.weight";
    public const string RopeFactors = "rope_freqs.weight";
    public const string ShortRopeFactors = "rope_factors_short.weight";
    public const string LongRopeFactors = "rope_factors_long.weight";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        [ParameterLayout.Embedding] = Embedding,
        [ParameterLayout.Positions] = "position_embd.weight",
        [ParameterLayout.FinalNorm] = "output_norm.weight",
        [ParameterLayout.FinalNormBias] = "output_norm.bias",
        [ParameterLayout.Head] = Output,
        [ParameterLayout.TokenTypes] = "token_types.weight",
        [ParameterLayout.EmbeddingNorm + ".weight"] = "token_embd_norm.weight",
        [ParameterLayout.EmbeddingNorm + ".bias"] = "token_embd_norm.bias",
        [ParameterLayout.ClassifierDense + ".weight"] = "cls.weight",
        [ParameterLayout.ClassifierDense + ".bias"] = "cls.bias",
        [ParameterLayout.ClassifierScores + ".weight"] = "cls.output.weight",
        [ParameterLayout.ClassifierScores + ".bias"] = "cls.output.bias",
    };

    private static readonly Dictionary<string, string> InLayer = new(StringComparer.Ordinal)
    {
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["post_attention_layernorm"] = "ffn_norm",
        ["pre_feedforward_layernorm"] = "ffn_norm",
        ["post_feedforward_layernorm"] = "post_ffw_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
        ["mlp.gate"] = "ffn_gate_inp",
        ["mlp.experts.gate_proj"] = "ffn_gate_exps",
        ["mlp.experts.up_proj"] = "ffn_up_exps",
        ["mlp.experts.down_proj"] = "ffn_down_exps",
    };

    /// <summary>Where files of the family have it; the first is where we write it, the others are met as well.</summary>
    public static IEnumerable<GgufPlace> Of(ParameterSpec spec, ModelConfig config)
    {
        if (spec.Layer < 0)
        {
            return [new(Names[spec.Name], spec.Shape, 0)];
        }

        var name = spec.LocalName;
        var dot = name.LastIndexOf('.');
        var (part, kind) = (name[..dot], name[dot..]);
        var own = (part, config.PostNorms, config.NormsAfterResidual) switch
        {
            ("post_attention_layernorm", true, _) => "post_attention_norm",
            ("post_attention_layernorm", _, true) => "attn_output_norm",
            ("post_feedforward_layernorm", _, true) => "layer_output_norm",
            _ => InLayer[part],
        };
        if (spec.Expert >= 0)
        {
            var whole = new Shape(config.Experts, spec.Shape[0], spec.Shape[1]);
            return [new(InBlock(spec, own + kind), whole, spec.Expert * spec.Shape.Count)];
        }

        var alone = new GgufPlace(InBlock(spec, own + kind), spec.Shape, 0);
        return ModelFamily.Of(config).IsFused && Fused(part, config) is { } fused ? [Within(spec, fused, kind), alone] : [alone];
    }

    /// <summary>The tensor that several of ours share, its rows, and the first row of this one.</summary>
    private static (string Name, int Rows, int First)? Fused(string part, ModelConfig config)
    {
        var (queries, keys, inner) = (config.Heads * config.HeadDim, config.KVHeads * config.HeadDim, config.IntermediateSize);
        var all = queries + (2 * keys);
        return part switch
        {
            "self_attn.q_proj" => ("attn_qkv", all, 0),
            "self_attn.k_proj" => ("attn_qkv", all, queries),
            "self_attn.v_proj" => ("attn_qkv", all, queries + keys),
            "mlp.gate_proj" => ("ffn_up", 2 * inner, 0),
            "mlp.up_proj" when config.GatedMlp => ("ffn_up", 2 * inner, inner),
            _ => null,
        };
    }

    private static GgufPlace Within(ParameterSpec spec, (string Name, int Rows, int First) fused, string kind)
    {
        var name = InBlock(spec, fused.Name + kind);
        return spec.Shape.Rank == 1
            ? new(name, new Shape(fused.Rows), fused.First)
            : new(name, new Shape(fused.Rows, spec.Shape[1]), (long)fused.First * spec.Shape[1]);
    }

    private static string InBlock(ParameterSpec spec, string name) => string.Create(CultureInfo.InvariantCulture, $"blk.{spec.Layer}.{name}");
}
