namespace Parley.Models;

/// <summary>Tensor names of llama.cpp's architecture "llama" for our (Hugging Face) names. Pure.</summary>
internal static class GgufNames
{
    private static readonly Dictionary<string, string> InLayer = new(StringComparer.Ordinal)
    {
        ["input_layernorm.weight"] = "attn_norm.weight",
        ["self_attn.q_proj.weight"] = "attn_q.weight",
        ["self_attn.k_proj.weight"] = "attn_k.weight",
        ["self_attn.v_proj.weight"] = "attn_v.weight",
        ["self_attn.o_proj.weight"] = "attn_output.weight",
        ["post_attention_layernorm.weight"] = "ffn_norm.weight",
        ["mlp.gate_proj.weight"] = "ffn_gate.weight",
        ["mlp.up_proj.weight"] = "ffn_up.weight",
        ["mlp.down_proj.weight"] = "ffn_down.weight",
    };

    public const string Embedding = "token_embd.weight";
    public const string Output = "output.weight";

    public static string Of(ParameterSpec spec) => spec.Name switch
    {
        ParameterLayout.Embedding => Embedding,
        ParameterLayout.FinalNorm => "output_norm.weight",
        ParameterLayout.Head => Output,
        _ => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"blk.{spec.Layer}.{InLayer[spec.Name[ParameterLayout.Prefix(spec.Layer).Length..]]}"),
    };
}
