namespace Parley.Tensors;

/// <summary>What came back to one of several linear maps of an input: [T, N]. Where the weight, or the bias, has a <see cref="Parameter.Gradient"/>, its own is added there.</summary>
public readonly record struct LinearGradient(Tensor OutputGradient, Parameter Weight, Parameter? Bias = null);
