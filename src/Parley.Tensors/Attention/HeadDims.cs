namespace Parley.Tensors;

/// <summary>
/// The one rule about head sizes: rotary embedding turns pairs, so they are even; kernels pad what is no whole vector and keep a tile on the stack.
/// </summary>
internal static class HeadDims
{
    private const int Largest = 1024;

    /// <exception cref="ArgumentException">The head size is not an even number from 2 to 1,024.</exception>
    internal static void Check(int headDim)
    {
        if (headDim <= 0 || headDim % 2 != 0 || headDim > Largest)
        {
            throw new ArgumentException($"Head dim {headDim} is not an even number from 2 to {Largest}; choose 64, 80, 96, 128 ...", nameof(headDim));
        }
    }
}
