namespace Parley.Tensors.Kernels;

/// <summary>One weight of a call: output[T, N] = input[T, K] . weight[N, K]^T (+ bias[N]).</summary>
/// <param name="Output">The first float; rows are N apart.</param>
/// <param name="Bias">N floats, or 0.</param>
internal readonly record struct BFloat16Product(BFloat16Panels Weight, nint Output, nint Bias);
