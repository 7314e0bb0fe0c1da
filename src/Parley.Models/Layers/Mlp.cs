using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, F intermediate.

/// <summary>The feed-forward block: down(act(gate(x)) * up(x)) (arXiv:2002.05202), or down(act(up(x))) without a gate.</summary>
internal sealed class Mlp(ModelConfig config, ParameterMap parameters) : IFeedForward
{
    private readonly Projection _up = parameters.Projection("up_proj"), _down = parameters.Projection("down_proj");
    private readonly Projection? _gate = config.GatedMlp ? parameters.Projection("gate_proj") : null;

    public Tensor Forward(Operations ops, Tensor x) => ops.Linear(Inner(ops, x), _down.Weight, _down.Bias); // [T, D] -> [T, D]

    private Tensor Inner(Operations ops, Tensor x) // [T, D] -> [T, F]
    {
        if (_gate is not { } gate)
        {
            var raised = ops.Linear(x, _up.Weight, _up.Bias);
            return config.Activation switch
            {
                Activation.GeluErf => ops.GeluErf(raised),
                Activation.Relu2 => ops.Relu2(raised),
                _ => ops.Gelu(raised),
            };
        }

        return config.Activation == Activation.Silu ? ops.LinearSwiGlu(x, gate, _up) : ops.LinearGeGlu(x, gate, _up);
    }
}
