namespace Parley.Tensors;

/// <summary>Where the gradients of q, k and v are added, each shaped as what it belongs to.</summary>
public readonly record struct AttentionGradients(Tensor Q, Tensor K, Tensor V);
