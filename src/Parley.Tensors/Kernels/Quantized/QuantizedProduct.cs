namespace Parley.Tensors.Kernels;

/// <summary>One weight of a dispatch: output[T, N] = input[T, K] . weight[N, K]^T (+ bias[N]).</summary>
/// <param name="Input">Panels made for the weight's format.</param>
/// <param name="Output">The first float; rows are N apart.</param>
/// <param name="Bias">N floats, or 0.</param>
internal readonly record struct QuantizedProduct(R16Matrix Weight, ActivationPanels Input, nint Output, nint Bias);
