namespace Parley.Tensors;

/// <summary>
/// Which kernels compute. All sets give the same bits in exact arithmetic and in integer products; only BF16 products differ a little
/// between <see cref="Assembled"/> and the others. Otherwise they differ in speed.
/// </summary>
public enum KernelSet
{
    /// <summary>The fastest this machine runs in hardware, or what the environment variable PARLEY_KERNELS names.</summary>
    Auto,

    /// <summary>Plain scalar code: the definition the others are tested against.</summary>
    Reference,

    Vector128,

    Vector256,

    Vector512,

    /// <summary>
    /// Matrix products of quantised and BF16 weights by code assembled at run time for AVX512-VNNI and AVX512-BF16; everything else as
    /// <see cref="Vector512"/>.
    /// </summary>
    Assembled,
}
