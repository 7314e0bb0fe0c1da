using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, F intermediate.

/// <summary>The feed-forward block: down(act(gate(x)) * up(x)) (arXiv:2002.05202), or down(gelu(up(x))) without a gate.</summary>
internal sealed class Mlp : IFeedForward
{
    private readonly Activation _activation;
    private readonly Parameter _up, _down;
    private readonly Parameter? _gate, _gateBias, _upBias, _downBias;

    public Mlp(ModelConfig config, int layer, IReadOnlyDictionary<string, Parameter> parameters)
    {
        Parameter? Optional(string name) => parameters.GetValueOrDefault(ParameterLayout.Prefix(layer) + "mlp." + name);
        _activation = config.Activation;
        (_up, _down) = (Optional("up_proj.weight")!, Optional("down_proj.weight")!);
        (_gate, _gateBias) = (Optional("gate_proj.weight"), Optional("gate_proj.bias"));
        (_upBias, _downBias) = (Optional("up_proj.bias"), Optional("down_proj.bias"));
    }

    public Tensor Forward(Operations ops, Tensor x) // x [T, D]
    {
        Tensor inner; // [T, F]
        if (_gate is { } gate)
        {
            var (gated, up) = (ops.Linear(x, gate, _gateBias), ops.Linear(x, _up, _upBias));
            inner = _activation == Activation.Silu ? ops.SwiGlu(gated, up) : ops.GeGlu(gated, up);
        }
        else
        {
            inner = ops.Gelu(ops.Linear(x, _up, _upBias));
        }

        return ops.Linear(inner, _down, _downBias);
    }
}
