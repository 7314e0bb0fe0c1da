using System.Globalization;
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

    public ExpertMlp(ModelConfig config, ParameterMap parameters)
    {
        _router = parameters.Weight("gate");
        _routing = new ExpertRouting(config.ExpertsPerToken, config.NormaliseExpertWeights, config.Activation == Activation.GeluTanh);
        _experts = [.. Enumerable.Range(0, config.Experts).Select(expert =>
        {
            var its = parameters.Under(string.Create(CultureInfo.InvariantCulture, $"experts.{expert}."));
            return new ExpertWeights(its.Weight("gate_proj"), its.Weight("up_proj"), its.Weight("down_proj"));
        })];
    }

    public Tensor Forward(Operations ops, Tensor x) => ops.Experts(x, ops.Linear(x, _router), _experts, _routing); // [T, D]
}
