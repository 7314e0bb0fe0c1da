namespace Parley.Tensors;

/// <summary>
/// How one element, or one block of elements, of a tensor is stored. The block types have ggml's layouts to the bit
/// (ggml-common.h, <c>block_q4_0</c> ...); <see cref="Quantization"/> holds a codec for each.
/// </summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    F16,

    /// <summary>The upper half of a binary32, 2 bytes.</summary>
    BF16,

    /// <summary>Blocks of 32 weights: one F16 scale, then 32 signed bytes; 34 bytes a block.</summary>
    Q8_0,

    /// <summary>Blocks of 32 weights: one F16 scale, 4 bits each around 8; 18 bytes a block.</summary>
    Q4_0,

    /// <summary>Blocks of 32 weights: F16 scale and minimum, 4 bits each; 20 bytes a block.</summary>
    Q4_1,

    /// <summary>Blocks of 32 weights: one F16 scale, 5 bits each around 16; 22 bytes a block.</summary>
    Q5_0,

    /// <summary>Blocks of 32 weights: F16 scale and minimum, 5 bits each; 24 bytes a block.</summary>
    Q5_1,

    /// <summary>Blocks of 256 weights, 4 bits each; every 32 have a scale and a minimum of 6 bits; 144 bytes a block.</summary>
    Q4_K,

    /// <summary>Blocks of 256 weights, 5 bits each; every 32 have a scale and a minimum of 6 bits; 176 bytes a block.</summary>
    Q5_K,

    /// <summary>Blocks of 256 weights, 6 bits each around 32; every 16 have a scale of 8 bits; 210 bytes a block.</summary>
    Q6_K,
}
