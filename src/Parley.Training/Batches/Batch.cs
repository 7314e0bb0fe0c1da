using Parley.Tensors;

namespace Parley.Training.Batches;

/// <summary>
/// One logical micro-batch: T input ids, the id each row should predict, and how much each prediction counts. It knows the spans
/// that attention must not leave, and nothing of text.
/// </summary>
/// <param name="Tokens">Input ids, [T].</param>
/// <param name="Targets">The id that follows each row, [T].</param>
/// <param name="Weights">0 for a row that is not scored, 1 for one that is, [T].</param>
/// <param name="Attention">The spans of the rows; positions count from 0 in each.</param>
/// <param name="Scored">The sum of the weights: what the loss is normalised by, known before any backward pass.</param>
public sealed record Batch(int[] Tokens, int[] Targets, float[] Weights, AttentionBatch Attention, long Scored);
