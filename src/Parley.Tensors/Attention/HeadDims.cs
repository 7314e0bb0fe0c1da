namespace Parley.Tensors;

/// <summary>The one rule about head sizes: rotary embedding turns pairs, so they are even; kernels pad what is no whole vector.</summary>
internal static class HeadDims
{
    /// <exception cref="ArgumentException">The head size is not a positive even number.</exception>
    internal static void Check(int headDim)
    {
        if (headDim <= 0 || headDim % 2 != 0)
        {
            throw new ArgumentException($"Head dim {headDim} is not a positive even number; choose 64, 80, 96, 128 ...", nameof(headDim));
        }
    }
}
