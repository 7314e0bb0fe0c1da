namespace Parley.Tensors;

/// <summary>Where the gradients of q, k and v go, each shaped as what it belongs to, and which of them are added to what is there.</summary>
public readonly record struct AttentionGradients(Tensor Q, Tensor K, Tensor V, (bool Q, bool K, bool V) Accumulate);
