using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden.

/// <summary>One layer: attention, then the feed-forward block, each between norms as the configuration says and added to the residual stream.</summary>
internal sealed class DecoderLayer
{
    private readonly float _scale;
    private readonly Attention _attention;
    private readonly IFeedForward _mlp;
    private readonly Norm _attentionNorm, _mlpNorm;
    private readonly Norm? _attentionPostNorm, _mlpPostNorm;

    public DecoderLayer(ModelConfig config, int layer, ParameterMap parameters)
    {
        Norm Norm(string name) => new(config, parameters, name);
        _scale = config.ResidualScale;
        _attentionNorm = Norm("input_layernorm");
        _attention = new Attention(config, layer, parameters.Under("self_attn."));
        _mlpNorm = Norm(config.PostNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm");
        _mlp = config.Experts == 0 ? new Mlp(config, parameters.Under("mlp.")) : new ExpertMlp(config, parameters.Under("mlp."));
        if (config.PostNorms)
        {
            (_attentionPostNorm, _mlpPostNorm) = (Norm("post_attention_layernorm"), Norm("post_feedforward_layernorm"));
        }
    }

    /// <summary>Without a tape the stream is changed in place and everything else that was taken from the arena is given back.</summary>
    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable? rotary) // x [T, D]
    {
        var mark = ops.Arena.Mark();
        var attended = _attention.Forward(ops, _attentionNorm.Forward(ops, x), batch, rotary); // [T, D]
        x = ops.Residual(x, _attentionPostNorm?.Forward(ops, attended) ?? attended, _scale);
        var fed = _mlp.Forward(ops, _mlpNorm.Forward(ops, x)); // [T, D]
        x = ops.Residual(x, _mlpPostNorm?.Forward(ops, fed) ?? fed, _scale);
        if (ops.Tape is null)
        {
            ops.Arena.Release(mark);
        }

        return x;
    }
}
