namespace Parley.Tensors;

/// <summary>The one rule about head sizes: rotary and attention kernels work on whole vectors of 16 lanes.</summary>
internal static class HeadDims
{
    /// <exception cref="ArgumentException">The head size is not a positive multiple of 16.</exception>
    internal static void Check(int headDim)
    {
        if (headDim <= 0 || headDim % 16 != 0)
        {
            throw new ArgumentException($"Head dim {headDim} is not a positive multiple of 16; choose 16, 32, 48, 64 ...", nameof(headDim));
        }
    }
}
