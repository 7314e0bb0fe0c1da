namespace Parley.Tensors;

/// <summary>How products with quantised weights are computed outside of a tape; a tape always computes exactly.</summary>
public enum Arithmetic
{
    /// <summary>Weights of every type are decoded to F32 and multiplied by F32 activations.</summary>
    Exact,

    /// <summary>
    /// Quantised weights are multiplied as integers by activations rounded to int8 in blocks of 32; all kernel sets give the same bits.
    /// BF16 weights by activations rounded to BF16. F16 and F32 weights as in <see cref="Exact"/>.
    /// </summary>
    Fast,
}
