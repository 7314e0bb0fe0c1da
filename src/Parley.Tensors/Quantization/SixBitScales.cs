namespace Parley.Tensors.Quantization;

/// <summary>
/// Eight scales and eight minima of six bits in twelve bytes, as Q4_K and Q5_K keep them (ggml's <c>get_scale_min_k4</c>):
/// the first four of each in the low six bits of bytes 0-3 and 4-7, the low halves of the last four in bytes 8-11, their
/// upper two bits on top of bytes 0-7.
/// </summary>
internal static class SixBitScales
{
    public const int Bytes = 12;

    public static (int Scale, int Minimum) Read(ReadOnlySpan<byte> packed, int index) => index < 4
        ? (packed[index] & 63, packed[index + 4] & 63)
        : ((packed[index + 4] & 15) | ((packed[index - 4] >> 6) << 4), (packed[index + 4] >> 4) | ((packed[index] >> 6) << 4));

    /// <summary>Adds one pair; <paramref name="packed"/> was zero before the first.</summary>
    public static void Write(Span<byte> packed, int index, int scale, int minimum)
    {
        if (index < 4)
        {
            packed[index] |= (byte)scale;
            packed[index + 4] |= (byte)minimum;
            return;
        }

        packed[index + 4] |= (byte)((scale & 15) | ((minimum & 15) << 4));
        packed[index - 4] |= (byte)((scale >> 4) << 6);
        packed[index] |= (byte)((minimum >> 4) << 6);
    }
}
