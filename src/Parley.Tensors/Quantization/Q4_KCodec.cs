using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q4_K: F16 scale of the scales, F16 scale of the minima, twelve bytes of six-bit pairs, 128 bytes of codes. Of every 64
/// weights the first 32 take the low and the last 32 the high halves of 32 bytes. A weight is scale * code - minimum.
/// </summary>
internal readonly struct Q4_KCodec : IBlockCodec
{
    private const int Scales = 4;
    private const int Weights = 16;
    private const int Half64 = 32;

    public static DType Type => DType.Q4_K;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        float minimum = (float)MemoryMarshal.Read<Half>(block[2..]);
        ReadOnlySpan<byte> packed = block[Scales..Weights];
        ReadOnlySpan<byte> codes = block[Weights..];
        for (int group = 0; group < 8; group += 2, codes = codes[Half64..], weights = weights[(2 * Half64)..])
        {
            (int step, int offset) = SixBitScales.Read(packed, group);
            (float firstScale, float firstMinimum) = (scale * step, minimum * offset);
            (step, offset) = SixBitScales.Read(packed, group + 1);
            (float secondScale, float secondMinimum) = (scale * step, minimum * offset);
            for (int i = 0; i < Half64; i++)
            {
                weights[i] = firstScale * (codes[i] & 15) - firstMinimum;
                weights[i + Half64] = secondScale * (codes[i] >> 4) - secondMinimum;
            }
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        SuperBlockFit.Encode(weights, levels: 15, block, codes);
        for (int i = 0; i < 128; i++)
        {
            int first = i / Half64 * 2 * Half64 + i % Half64;
            block[Weights + i] = (byte)(codes[first] | (codes[first + Half64] << 4));
        }
    }
}
