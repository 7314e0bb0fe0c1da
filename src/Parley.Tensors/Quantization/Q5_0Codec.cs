using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q5_0: F16 scale, 32 fifth bits, then 16 bytes as in Q4_0; a weight is its five bits less 16. Encoding is ggml's
/// <c>quantize_row_q5_0_ref</c>: the weight of largest magnitude becomes -16.
/// </summary>
internal readonly struct Q5_0Codec : IBlockCodec
{
    private const int Half32 = 16;
    private const int HighBits = 2;
    private const int Weights = 6;

    public static DType Type => DType.Q5_0;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        uint high = BinaryPrimitives.ReadUInt32LittleEndian(block[HighBits..]);
        for (int i = 0; i < Half32; i++)
        {
            int pair = block[Weights + i];
            weights[i] = (((pair & 15) | FifthBit.Of(high, i)) - 16) * scale;
            weights[i + Half32] = (((pair >> 4) | FifthBit.Of(high, i + Half32)) - 16) * scale;
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        float scale = Extremes.Farthest(weights) / -16;
        float inverse = scale == 0 ? 0 : 1 / scale;
        MemoryMarshal.Write(block, (Half)scale);
        uint high = 0;
        for (int i = 0; i < Half32; i++)
        {
            (int first, int second) = (Code(weights[i] * inverse), Code(weights[i + Half32] * inverse));
            block[Weights + i] = (byte)((first & 15) | ((second & 15) << 4));
            high |= FifthBit.At(first, i) | FifthBit.At(second, i + Half32);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[HighBits..], high);
    }

    private static int Code(float value) => Math.Min(31, (int)(value + 16.5f));
}

/// <summary>The fifth bits of 32 weights, one word: bit i belongs to weight i.</summary>
internal static class FifthBit
{
    public static int Of(uint word, int index) => (int)((word >> index) & 1) << 4;

    public static uint At(int code, int index) => (uint)(code >> 4) << index;
}
