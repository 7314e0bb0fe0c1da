namespace Parley.Tensors.Kernels;

/// <summary>
/// How the weights of one matrix are kept for integer products: bits a weight, what is subtracted from the unsigned number, and the F16
/// vectors beside it. Every ggml type has one of these forms without losing a bit of its weights; only the products of two scales in K-quants
/// are rounded to F16. The bytes are described at <see cref="R16Matrix"/>.
/// </summary>
internal enum R16Format : byte
{
    /// <summary>w = scale * (u8 - 128): Q8_0.</summary>
    Eight,

    /// <summary>w = scale * (u4 - 8): Q4_0.</summary>
    Four,

    /// <summary>w = scale * u4 + add: Q4_1, Q4_K.</summary>
    FourAdd,

    /// <summary>w = scale * (u5 - 16): Q5_0.</summary>
    Five,

    /// <summary>w = scale * u5 + add: Q5_1, Q5_K.</summary>
    FiveAdd,

    /// <summary>w = scale * (u6 - 32), a scale for each 16: Q6_K.</summary>
    Six,
}

/// <summary>The numbers that follow from an <see cref="R16Format"/>.</summary>
internal static class R16Formats
{
    public const int Count = 6;

    /// <summary>The form of a storage type; null when such weights are not multiplied as integers.</summary>
    public static R16Format? Of(DType type) => type switch
    {
        DType.Q8_0 => R16Format.Eight,
        DType.Q4_0 => R16Format.Four,
        DType.Q4_1 or DType.Q4_K => R16Format.FourAdd,
        DType.Q5_0 => R16Format.Five,
        DType.Q5_1 or DType.Q5_K => R16Format.FiveAdd,
        DType.Q6_K => R16Format.Six,
        _ => null,
    };

    /// <summary>
    /// How many int8 numbers stand for one activation: two beside K-quants, whose scales fit their weights so closely that one would round away
    /// what they gain (a product's error falls from 0.6% to 0.002%).
    /// </summary>
    public static int Parts(DType type) => type is DType.Q4_K or DType.Q5_K or DType.Q6_K ? 2 : 1;

    extension(R16Format format)
    {
        /// <summary>What the unsigned number stands above the signed one; 0 where an addend is kept instead.</summary>
        public int Offset => format switch
        {
            R16Format.Eight => 128,
            R16Format.Four => 8,
            R16Format.Five => 16,
            R16Format.Six => 32,
            _ => 0,
        };

        /// <summary>Whether the second F16 vector of a block is an addend.</summary>
        public bool HasAdd => format is R16Format.FourAdd or R16Format.FiveAdd;

        /// <summary>F16 vectors of a block: a scale, and an addend or the second half's scale.</summary>
        public int Vectors => format.HasAdd || format == R16Format.Six ? 2 : 1;

        /// <summary>Lines of 64 bytes that the numbers of a block take.</summary>
        public int Lines => format switch
        {
            R16Format.Eight => 8,
            R16Format.Four or R16Format.FourAdd => 4,
            R16Format.Five or R16Format.FiveAdd => 5,
            _ => 6,
        };

        /// <summary>Words of 4 bytes per token and block that precede the rounded activations.</summary>
        public int Terms => format == R16Format.Six ? 3 : 2;
    }
}
