namespace Parley.Tensors;

/// <summary>How one element, or one block of elements, of a tensor is stored.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754 binary16, 2 bytes.</summary>
    F16,

    /// <summary>The upper half of a binary32, 2 bytes.</summary>
    BF16,

    /// <summary>Blocks of 32 weights: one F16 scale, then 32 signed bytes; 34 bytes a block (ggml's Q8_0).</summary>
    Q8_0,
}
