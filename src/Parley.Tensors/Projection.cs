namespace Parley.Tensors;

/// <summary>One of several linear maps of the same input: weight [N, K] and, if there is one, bias [N].</summary>
public readonly record struct Projection(Parameter Weight, Parameter? Bias = null);
