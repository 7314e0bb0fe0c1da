namespace Parley.Tensors;

/// <summary>
/// The one rule about head sizes: kernels pad what is no whole vector and keep a tile on the stack; rotary embedding turns pairs, so heads that
/// are turned are even.
/// </summary>
public static class HeadDims
{
    /// <summary>The most elements of a head.</summary>
    public const int Largest = 1024;

    /// <exception cref="ArgumentException">The head size is not a number from 1 to 1,024.</exception>
    internal static void Check(int headDim)
    {
        if (headDim is <= 0 or > Largest)
        {
            throw new ArgumentException($"Head dim {headDim} is not a number from 1 to {Largest}; choose 64, 80, 96, 128 ...", nameof(headDim));
        }
    }

    /// <exception cref="ArgumentException">The head size is not an even number from 2 to 1,024.</exception>
    internal static void CheckTurned(int headDim)
    {
        Check(headDim);
        if (headDim % 2 != 0)
        {
            throw new ArgumentException($"Head dim {headDim} is odd, but rotary embedding turns pairs; choose 64, 80, 96, 128 ...", nameof(headDim));
        }
    }
}
