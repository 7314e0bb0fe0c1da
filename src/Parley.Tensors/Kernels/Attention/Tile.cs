using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Parley.Tensors.Kernels;

/// <summary>The size of attention's tiles and the alignment of their scratch memory on the stack.</summary>
internal static unsafe class Tile
{
    /// <summary>Keys in a tile; tile borders are its multiples, counted from position 0.</summary>
    internal const int Keys = 64;

    /// <summary>Cache blocks in a tile.</summary>
    internal const int Blocks = Keys / KVCache.BlockSize;

    /// <summary>Floats to reserve beyond what is needed, so that <see cref="Align"/> can round up.</summary>
    internal const int Slack = 16;

    /// <summary>
    /// Asks for a cache line of the tile to come: blocks lie anywhere, so no hardware prefetcher finds it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Fetch(byte* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }

    /// <summary>The next cache line's begin: a vector that straddles two lines costs twice.</summary>
    internal static float* Align(float* pointer) => (float*)(((nuint)pointer + 63) & ~(nuint)63);
}
