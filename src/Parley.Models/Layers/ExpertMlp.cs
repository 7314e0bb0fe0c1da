using Parley.Tensors;
using Parley.Tensors.Autograd;

namespace Parley.Models;

// T rows of the ragged batch, D hidden, E experts, F intermediate.

/// <summary>
/// A mixture of experts: a router gives each token its few likeliest ones, and their outputs are summed with the router's weights.
/// No token is ever dropped, and what a token gets does not depend on the others.
/// </summary>
internal sealed class ExpertMlp : IFeedForward
{
    private readonly Parameter _router;
    private readonly ExpertWeights[] _experts;
    private readonly ExpertRouting _routing;

    public ExpertMlp(ModelConfig config, int layer, IReadOnlyDictionary<string, Parameter> parameters)
    {
        _router = parameters[ParameterLayout.Prefix(layer) + "mlp.gate.weight"];
        _routing = new ExpertRouting(config.ExpertsPerToken, config.NormaliseExpertWeights, config.Activation == Activation.GeluTanh);
        _experts = [.. Enumerable.Range(0, config.Experts).Select(expert =>
        {
            var prefix = ParameterLayout.ExpertPrefix(layer, expert);
            return new ExpertWeights(parameters[prefix + "gate_proj.weight"], parameters[prefix + "up_proj.weight"], parameters[prefix + "down_proj.weight"]);
        })];
    }

    public Tensor Forward(Operations ops, Tensor x) => ops.Experts(x, ops.Linear(x, _router), _experts, _routing); // [T, D]
}
