using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q5_K: as Q4_K with 32 bytes of fifth bits before the codes: bit g of byte i belongs to weight i of group g of 32.
/// </summary>
internal readonly struct Q5_KCodec : IBlockCodec
{
    private const int Scales = 4;
    private const int HighBits = 16;
    private const int Weights = 48;
    private const int Half64 = 32;

    public static DType Type => DType.Q5_K;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        float minimum = (float)MemoryMarshal.Read<Half>(block[2..]);
        ReadOnlySpan<byte> packed = block[Scales..HighBits];
        ReadOnlySpan<byte> high = block[HighBits..Weights];
        ReadOnlySpan<byte> codes = block[Weights..];
        for (int group = 0; group < 8; group += 2, codes = codes[Half64..], weights = weights[(2 * Half64)..])
        {
            (int step, int offset) = SixBitScales.Read(packed, group);
            (float firstScale, float firstMinimum) = (scale * step, minimum * offset);
            (step, offset) = SixBitScales.Read(packed, group + 1);
            (float secondScale, float secondMinimum) = (scale * step, minimum * offset);
            for (int i = 0; i < Half64; i++)
            {
                int fifths = high[i] >> group;
                weights[i] = firstScale * ((codes[i] & 15) | ((fifths & 1) << 4)) - firstMinimum;
                weights[i + Half64] = secondScale * ((codes[i] >> 4) | ((fifths & 2) << 3)) - secondMinimum;
            }
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        Span<byte> codes = stackalloc byte[256];
        SuperBlockFit.Encode(weights, levels: 31, block, codes);
        block[HighBits..Weights].Clear();
        for (int i = 0; i < 128; i++)
        {
            int first = i / Half64 * 2 * Half64 + i % Half64;
            block[Weights + i] = (byte)((codes[first] & 15) | ((codes[first + Half64] & 15) << 4));
        }

        for (int i = 0; i < codes.Length; i++)
        {
            block[HighBits + i % Half64] |= (byte)((codes[i] >> 4) << (i / Half64));
        }
    }
}
