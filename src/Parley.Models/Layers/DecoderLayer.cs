using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden.

/// <summary>One layer: attention, then the feed-forward block, each between norms as the configuration says and added to the residual stream.</summary>
internal sealed class DecoderLayer
{
    private readonly int _layer;
    private readonly float _scale;
    private readonly Attention _attention;
    private readonly IFeedForward _mlp;
    private readonly Norm? _attentionNorm, _mlpNorm;
    private readonly Norm? _attentionPostNorm, _mlpPostNorm;
    private readonly bool _normalisesSums;

    public DecoderLayer(ModelConfig config, int layer, ParameterMap parameters)
    {
        Norm Norm(string name) => new(config, parameters, name);
        (_layer, _scale, _normalisesSums) = (layer, config.ResidualScale, config.NormsAfterResidual);
        _attention = new Attention(config, layer, parameters.Under("self_attn."));
        _mlp = config.Experts == 0 ? new Mlp(config, parameters.Under("mlp.")) : new ExpertMlp(config, parameters.Under("mlp."));
        if (!_normalisesSums)
        {
            _attentionNorm = Norm("input_layernorm");
            _mlpNorm = Norm(config.PostNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm");
        }

        if (config.PostNorms || _normalisesSums)
        {
            (_attentionPostNorm, _mlpPostNorm) = (Norm("post_attention_layernorm"), Norm("post_feedforward_layernorm"));
        }
    }

    /// <summary>Without a tape the stream is changed in place and everything else that was taken from the arena is given back.</summary>
    /// <param name="wanted">Behind the last layer only these R rows are wanted; what only others need is left out. Empty: all.</param>
    /// <returns>[R, D]</returns>
    public Tensor Forward(Operations ops, Tensor x, AttentionBatch batch, RotaryTable? rotary, ReadOnlyMemory<int> wanted = default) // x [T, D]
    {
        var stream = wanted.IsEmpty ? x : ops.GatherRows(x, wanted);
        var mark = ops.Arena.Mark();
        var attended = _attention.Forward(ops, _attentionNorm?.Forward(ops, x) ?? x, batch, rotary, wanted); // [R, D]
        x = Join(ops, stream, ops.Dropout(attended, 1 + (2 * _layer)), _attentionPostNorm);
        var fed = _mlp.Forward(ops, _mlpNorm?.Forward(ops, x) ?? x); // [R, D]
        x = Join(ops, x, ops.Dropout(fed, 2 + (2 * _layer)), _mlpPostNorm);
        if (ops.Tape is null)
        {
            ops.Arena.Release(mark);
        }

        return x;
    }

    private Tensor Join(Operations ops, Tensor x, Tensor branch, Norm? norm) => _normalisesSums
        ? norm!.InPlace(ops, ops.Residual(x, branch, _scale))
        : ops.Residual(x, norm?.Forward(ops, branch) ?? branch, _scale);
}
