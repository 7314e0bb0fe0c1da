using System.Globalization;

namespace Parley.Models;

/// <summary>Tensor names of transformers' BertModel and BertForSequenceClassification for ours. Pure.</summary>
internal static class BertNames
{
    public const string Embedding = "embeddings.word_embeddings.weight";

    private static readonly Dictionary<string, string> InLayer = new(StringComparer.Ordinal)
    {
        ["self_attn.q_proj"] = "attention.self.query",
        ["self_attn.k_proj"] = "attention.self.key",
        ["self_attn.v_proj"] = "attention.self.value",
        ["self_attn.o_proj"] = "attention.output.dense",
        ["post_attention_layernorm"] = "attention.output.LayerNorm",
        ["mlp.up_proj"] = "intermediate.dense",
        ["mlp.down_proj"] = "output.dense",
        ["post_feedforward_layernorm"] = "output.LayerNorm",
    };

    private static readonly Dictionary<string, string> Outside = new(StringComparer.Ordinal)
    {
        [ParameterLayout.Positions] = "embeddings.position_embeddings.weight",
        [ParameterLayout.TokenTypes] = "embeddings.token_type_embeddings.weight",
        [ParameterLayout.EmbeddingNorm + ".weight"] = "embeddings.LayerNorm.weight",
        [ParameterLayout.EmbeddingNorm + ".bias"] = "embeddings.LayerNorm.bias",
        [ParameterLayout.ClassifierDense + ".weight"] = "pooler.dense.weight",
        [ParameterLayout.ClassifierDense + ".bias"] = "pooler.dense.bias",
        [ParameterLayout.Embedding] = Embedding,
    };

    /// <param name="spec">Ours.</param>
    /// <param name="prefix">"bert." in a model with a head, else nothing.</param>
    public static string Of(ParameterSpec spec, string prefix)
    {
        if (spec.Layer >= 0)
        {
            var local = spec.LocalName;
            var dot = local.LastIndexOf('.');
            return string.Create(CultureInfo.InvariantCulture, $"{prefix}encoder.layer.{spec.Layer}.{InLayer[local[..dot]]}{local[dot..]}");
        }

        return Outside.TryGetValue(spec.Name, out var name) ? prefix + name : spec.Name.Replace(ParameterLayout.ClassifierScores, "classifier", StringComparison.Ordinal);
    }
}
