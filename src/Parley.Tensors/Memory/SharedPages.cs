namespace Parley.Tensors;

/// <summary>
/// Memory for what lives as long as its model does: weights, gradients, moments, panels. Pieces too small for large pages of their own are cut one after
/// the other from slabs that have them, for a matrix product that walks over small pages waits for their addresses (a GPT of 12M trains 1.4% faster). A slab is
/// freed with its last piece; a piece that goes before leaves a hole.
/// </summary>
internal static unsafe class SharedPages
{
    private const long SlabBytes = 32 << 20;
    private const long LeastBytes = 64 << 10;
    private const long MostBytes = 8 << 20;
    private const long LineBytes = 64;

    private static readonly Lock Gate = new();
    private static Storage? _slab;
    private static long _used;

    /// <summary>A piece of <paramref name="bytes"/>, 64-byte aligned, which the caller holds; what is in it is undefined.</summary>
    public static (Storage Storage, long Offset) Take(long bytes)
    {
        if (bytes is < LeastBytes or > MostBytes)
        {
            return (NativePages.Allocate(bytes, zeroed: false), 0);
        }

        lock (Gate)
        {
            // The slab has no holder of its own, so that the last piece frees it; it may be gone.
            if (_slab is null || _used + bytes > SlabBytes || !_slab.TryAddHolder())
            {
                _slab = NativePages.Allocate(SlabBytes, zeroed: false);
                _used = 0;
            }

            long offset = _used;
            _used += (bytes + LineBytes - 1) / LineBytes * LineBytes;
            return (_slab, offset);
        }
    }
}
