using System.Runtime.InteropServices;

namespace Parley.Tensors.Kernels;

/// <summary>
/// What one call of an assembled BF16 tile reads, at the offsets that <see cref="BFloat16TileEmitter"/> was written for: G groups of 16
/// columns times T tokens over some pairs of the depth.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BFloat16TileArguments
{
    /// <summary>The first group's panel, <c>[pair][16 columns][2]</c>, from the first pair on; +0.</summary>
    public byte* Weights;

    /// <summary>Bytes from one group's panel to the next one's; +8.</summary>
    public long GroupStride;

    /// <summary><c>[pair][T tokens][2]</c>; +16.</summary>
    public byte* Activations;

    /// <summary>Steps of two of the depth, at least 1; +24.</summary>
    public long Pairs;

    /// <summary>The first token's first column, F32; +32.</summary>
    public float* Output;

    /// <summary>Bytes from one token's row to the next; +40.</summary>
    public long OutputStride;

    /// <summary>The bias of the first column, added to finished chains, or null; +48.</summary>
    public float* Bias;

    /// <summary>One bit for each column of the last group that exists; +56.</summary>
    public long Mask;

    /// <summary>1 when the chains go on from what the output holds, 0 when they begin at zero; +64.</summary>
    public long Resume;

    /// <summary>1 to ask for the same lines of the G groups behind these while this tile is computed, 0 not to; +72.</summary>
    public long Prefetch;
}
