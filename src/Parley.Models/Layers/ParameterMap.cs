using Parley.Tensors;

namespace Parley.Models;

/// <summary>The parameters under one prefix, as the parts of a layer ask for them.</summary>
internal readonly struct ParameterMap(IReadOnlyDictionary<string, Parameter> parameters, string prefix)
{
    public ParameterMap Under(string name) => new(parameters, prefix + name);

    public Parameter Weight(string name) => parameters[prefix + name + ".weight"];

    public Parameter? Find(string name) => parameters.GetValueOrDefault(prefix + name);

    /// <summary>A linear map, with the bias that the layout gave it.</summary>
    public Projection Projection(string name) => new(Weight(name), Find(name + ".bias"));
}
