using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, H query heads, Hkv key and value heads, Dh head width.

/// <summary>
/// Grouped-query causal self-attention with rotary positions: each group of H / Hkv query heads shares one key and value
/// head. Where keys of earlier positions live is the batch's affair.
/// </summary>
public sealed class Attention(ModelConfig config, Parameter query, Parameter key, Parameter value, Parameter output, int layer)
{
    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable rotary) // x [T, D]
    {
        var q = ops.Rope(ops.Linear(x, query), config.Heads, rotary, batch.Positions); // [T, H * Dh]
        var k = ops.Rope(ops.Linear(x, key), config.KVHeads, rotary, batch.Positions); // [T, Hkv * Dh]
        var v = ops.Linear(x, value); // [T, Hkv * Dh]
        return ops.Linear(ops.Attention(q, k, v, batch, layer, config.HeadDim), output); // [T, D]
    }
}
