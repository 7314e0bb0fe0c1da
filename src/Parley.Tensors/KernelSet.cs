namespace Parley.Tensors;

/// <summary>Which width of vector the kernels use. All sets give the same bits; they differ in speed.</summary>
public enum KernelSet
{
    /// <summary>The widest this machine runs in hardware.</summary>
    Auto,

    /// <summary>Plain scalar code: the definition the others are tested against.</summary>
    Reference,

    Vector128,

    Vector256,

    Vector512,
}
