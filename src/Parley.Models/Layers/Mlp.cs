using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, F intermediate.

/// <summary>The gated feed-forward block (SwiGLU, arXiv:2002.05202): down(silu(gate(x)) * up(x)), without biases.</summary>
public sealed class Mlp(Parameter gate, Parameter up, Parameter down)
{
    public Tensor Forward(Operations ops, Tensor x) // x [T, D]
    {
        var inner = ops.SwiGlu(ops.Linear(x, gate), ops.Linear(x, up)); // [T, F]
        return ops.Linear(inner, down); // [T, D]
    }
}
