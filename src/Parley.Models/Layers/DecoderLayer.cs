using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden.

/// <summary>One layer: attention, then the MLP, each behind its own RMSNorm and each added to the residual stream.</summary>
public sealed class DecoderLayer
{
    private readonly ModelConfig _config;
    private readonly Parameter _attentionNorm, _mlpNorm;
    private readonly Attention _attention;
    private readonly Mlp _mlp;

    public DecoderLayer(ModelConfig config, int layer, IReadOnlyDictionary<string, Parameter> parameters)
    {
        Parameter Weight(string name) => parameters[ParameterLayout.Prefix(layer) + name + ".weight"];
        _config = config;
        _attentionNorm = Weight("input_layernorm");
        _attention = new(
            config, Weight("self_attn.q_proj"), Weight("self_attn.k_proj"), Weight("self_attn.v_proj"), Weight("self_attn.o_proj"), layer);
        _mlpNorm = Weight("post_attention_layernorm");
        _mlp = new(Weight("mlp.gate_proj"), Weight("mlp.up_proj"), Weight("mlp.down_proj"));
    }

    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable rotary) // x [T, D]
    {
        x = ops.Add(x, _attention.Forward(ops, ops.RmsNorm(x, _attentionNorm, _config.RmsNormEpsilon), batch, rotary)); // [T, D]
        return ops.Add(x, _mlp.Forward(ops, ops.RmsNorm(x, _mlpNorm, _config.RmsNormEpsilon))); // [T, D]
    }
}
