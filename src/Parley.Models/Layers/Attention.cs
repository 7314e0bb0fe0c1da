using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, H query heads, Hkv key and value heads, Dh head width.

/// <summary>
/// Grouped-query self-attention, causal or over the whole text: each group of H / Hkv query heads shares one key and value head. Where keys of
/// earlier positions live is the batch's affair.
/// </summary>
internal sealed class Attention
{
    private readonly ModelConfig _config;
    private readonly int _layer;
    private readonly AttentionSettings _settings;
    private readonly Projection _query, _key, _value, _output;
    private readonly Parameter? _queryNorm, _keyNorm;

    public Attention(ModelConfig config, int layer, ParameterMap parameters)
    {
        (_config, _layer) = (config, layer);
        var window = config.WindowedLayers.Contains(layer) ? config.SlidingWindow : 0;
        _settings = new AttentionSettings(config.HeadDim, config.AttentionScale, window, config.AttentionSoftCap, config.Causal);
        (_query, _key) = (parameters.Projection("q_proj"), parameters.Projection("k_proj"));
        (_value, _output) = (parameters.Projection("v_proj"), parameters.Projection("o_proj"));
        (_queryNorm, _keyNorm) = (parameters.Find("q_norm.weight"), parameters.Find("k_norm.weight"));
    }

    /// <param name="rotary">Null in a layer whose heads are not turned.</param>
    /// <param name="wanted">The R rows to go on with; empty: all.</param>
    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable? rotary, ReadOnlyMemory<int> wanted) // x [T, D]
    {
        var (q, k, v) = ops.Linear(x, _query, _key, _value); // [T, H * Dh], [T, Hkv * Dh] twice
        q = Place(ops, q, _config.Heads, _queryNorm, rotary, batch);
        k = Place(ops, k, _config.KVHeads, _keyNorm, rotary, batch);
        var attended = ops.Attention(q, k, v, batch, _layer, _settings); // [T, H * Dh]
        return ops.Linear(wanted.IsEmpty ? attended : ops.GatherRows(attended, wanted), _output.Weight, _output.Bias); // [R, D]
    }

    private Tensor Place(Operations ops, Tensor heads, int count, Parameter? norm, RotaryTable? rotary, AttentionBatch batch)
    {
        if (rotary is not null) return ops.NormRope(heads, count, norm, _config.NormEpsilon, rotary, batch.Positions);
        return norm is null ? heads : ops.RmsNorm(heads, norm, _config.NormEpsilon);
    }
}
