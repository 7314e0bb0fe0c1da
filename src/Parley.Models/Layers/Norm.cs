using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

/// <summary>RMSNorm, or LayerNorm when the layout gave it a bias.</summary>
internal sealed class Norm(ModelConfig config, ParameterMap parameters, string name)
{
    private readonly Parameter _gain = parameters.Weight(name);
    private readonly Parameter? _bias = parameters.Find(name + ".bias");

    /// <summary>LayerNorm over the stream itself, for a model without a tape that normalises sums.</summary>
    public Tensor InPlace(Operations ops, Tensor x) => ops.LayerNorm(x, _gain, _bias!, config.NormEpsilon, inPlace: true); // [T, D]

    public Tensor Forward(Operations ops, Tensor x) => _bias is { } bias // [T, D] -> [T, D]
        ? ops.LayerNorm(x, _gain, bias, config.NormEpsilon)
        : ops.RmsNorm(x, _gain, config.NormEpsilon);
}
