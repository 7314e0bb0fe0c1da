using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, F intermediate.

/// <summary>The feed-forward block: down(act(gate(x)) * up(x)) (arXiv:2002.05202), or down(act(up(x))) without a gate.</summary>
internal sealed class Mlp(ModelConfig config, ParameterMap parameters) : IFeedForward
{
    private readonly Projection _up = parameters.Projection("up_proj"), _down = parameters.Projection("down_proj");
    private readonly Projection? _gate = config.GatedMlp ? parameters.Projection("gate_proj") : null;

    public Tensor Forward(Operations ops, Tensor x) => _gate is null && config.Activation is not (Activation.GeluErf or Activation.Relu2) // [T, D] -> [T, D]
        ? ops.GeluMlp(x, _up, _down)
        : ops.Linear(Inner(ops, x), _down.Weight, _down.Bias);

    private Tensor Inner(Operations ops, Tensor x) // [T, D] -> [T, F]
    {
        if (_gate is not { } gate)
        {
            var raised = ops.Linear(x, _up.Weight, _up.Bias);
            return config.Activation == Activation.GeluErf ? ops.GeluErf(raised) : ops.Relu2(raised);
        }

        return config.Activation == Activation.Silu ? ops.LinearSwiGlu(x, gate, _up) : ops.LinearGeGlu(x, gate, _up);
    }
}
