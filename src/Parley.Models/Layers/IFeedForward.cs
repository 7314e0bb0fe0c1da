using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

/// <summary>What stands behind attention in a layer: one block for all tokens, or experts among which each token is routed.</summary>
internal interface IFeedForward
{
    /// <summary>[T, D] -> [T, D]</summary>
    Tensor Forward(Operations ops, Tensor x);
}
