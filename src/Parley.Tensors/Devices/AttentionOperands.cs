namespace Parley.Tensors;

/// <summary>
/// The tensors of one attention call, forward and backward. The two statistics and the packed keys are written by the forward pass and
/// read by the backward pass; with a cache no keys are packed.
/// </summary>
/// <param name="Q">[T, heads * headDim], turned by rotary embedding.</param>
/// <param name="K">[T, kvHeads * headDim], turned by rotary embedding.</param>
/// <param name="V">[T, kvHeads * headDim]</param>
/// <param name="Output">[T, heads * headDim]</param>
/// <param name="Maxima">[T, heads]: the largest scaled (and capped) score.</param>
/// <param name="Normalisers">[T, heads]: 1 / sum of exp(score - maximum).</param>
/// <param name="PackedKeys">Room for the batch's keys in blocks, <see cref="PackedShape"/>; null with a cache.</param>
/// <param name="Settings">Head size, scale, window and cap.</param>
public readonly record struct AttentionOperands(
    Tensor Q, Tensor K, Tensor V, Tensor Output, Tensor Maxima, Tensor Normalisers, Tensor? PackedKeys, AttentionSettings Settings)
{
    public int HeadDim => Settings.HeadDim;

    public int Heads => Q.Shape.Last / HeadDim;

    public int KVHeads => K.Shape.Last / HeadDim;

    /// <summary>How much room the keys of a batch take in blocks of 16 positions.</summary>
    public static Shape PackedShape(AttentionBatch batch, int kvColumns) => new(batch.PackedBlocks, kvColumns * KVCache.BlockSize);
}
