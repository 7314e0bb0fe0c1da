namespace Parley.Tensors;

/// <summary>
/// Bytes of one kv head in a cache block of 16 positions: keys [head dim][16 positions], so that a score is summed over the head dim lane
/// by lane; values [16 positions][head dim padded to 16]; with Q8_0 the scales of both, F16 [blocks of 32 of the head dim][16 positions].
/// </summary>
internal readonly record struct CacheLayout
{
    /// <summary>Elements of a head that share a scale.</summary>
    internal const int ScaledElements = 32;

    internal CacheLayout(int headDim, DType type)
    {
        HeadDim = headDim;
        var element = type switch
        {
            DType.F32 => 4,
            DType.F16 or DType.BF16 => 2,
            DType.Q8_0 => 1,
            _ => throw new ArgumentException($"A KV cache in {type} is not supported; use F32, F16, BF16 or Q8_0.", nameof(type)),
        };
        Width = (headDim + 15) / 16 * 16;
        ScaleGroups = (headDim + ScaledElements - 1) / ScaledElements;
        var scales = type == DType.Q8_0 ? ScaleGroups * KVCache.BlockSize * sizeof(ushort) : 0;
        ValueOffset = Line(headDim * KVCache.BlockSize * element);
        KeyScaleOffset = ValueOffset + KVCache.BlockSize * Width * element;
        ValueScaleOffset = KeyScaleOffset + scales;
        HeadBytes = Line(ValueScaleOffset + scales);
    }

    internal int HeadDim { get; }

    /// <summary>Elements from one position's values to the next.</summary>
    internal int Width { get; }

    /// <summary>Scales of one position's keys, and of its values.</summary>
    internal int ScaleGroups { get; }

    internal int ValueOffset { get; }

    internal int KeyScaleOffset { get; }

    internal int ValueScaleOffset { get; }

    /// <summary>From one kv head to the next.</summary>
    internal int HeadBytes { get; }

    private static int Line(int bytes) => (bytes + 63) / 64 * 64;
}
