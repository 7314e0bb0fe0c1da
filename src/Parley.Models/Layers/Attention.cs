using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, H query heads, Hkv key and value heads, Dh head width.

/// <summary>
/// Grouped-query causal self-attention: each group of H / Hkv query heads shares one key and value head. Where keys of
/// earlier positions live is the batch's affair.
/// </summary>
internal sealed class Attention
{
    private readonly ModelConfig _config;
    private readonly int _layer;
    private readonly Parameter _query, _key, _value, _output;
    private readonly Parameter? _queryBias, _keyBias, _valueBias, _outputBias, _queryNorm, _keyNorm;

    public Attention(ModelConfig config, int layer, IReadOnlyDictionary<string, Parameter> parameters)
    {
        Parameter? Optional(string name) => parameters.GetValueOrDefault(ParameterLayout.Prefix(layer) + "self_attn." + name);
        Parameter Weight(string name) => parameters[ParameterLayout.Prefix(layer) + "self_attn." + name + ".weight"];
        (_config, _layer) = (config, layer);
        (_query, _key, _value, _output) = (Weight("q_proj"), Weight("k_proj"), Weight("v_proj"), Weight("o_proj"));
        (_queryBias, _keyBias, _valueBias) = (Optional("q_proj.bias"), Optional("k_proj.bias"), Optional("v_proj.bias"));
        (_outputBias, _queryNorm, _keyNorm) = (Optional("o_proj.bias"), Optional("q_norm.weight"), Optional("k_norm.weight"));
    }

    /// <param name="rotary">Null in a layer whose heads are not turned.</param>
    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable? rotary) // x [T, D]
    {
        var q = Place(ops, ops.Linear(x, _query, _queryBias), _config.Heads, _queryNorm, rotary, batch); // [T, H * Dh]
        var k = Place(ops, ops.Linear(x, _key, _keyBias), _config.KVHeads, _keyNorm, rotary, batch); // [T, Hkv * Dh]
        var v = ops.Linear(x, _value, _valueBias); // [T, Hkv * Dh]
        return ops.Linear(ops.Attention(q, k, v, batch, _layer, _config.HeadDim), _output, _outputBias); // [T, D]
    }

    private Tensor Place(Operations ops, Tensor heads, int count, Parameter? norm, RotaryTable? rotary, AttentionBatch batch)
    {
        var normed = norm is null ? heads : ops.RmsNorm(heads, norm, _config.NormEpsilon);
        return rotary is null ? normed : ops.Rope(normed, count, rotary, batch.Positions);
    }
}
