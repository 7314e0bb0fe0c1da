using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q5_1: F16 scale, F16 minimum, 32 fifth bits, then 16 bytes as in Q4_1. Encoding is ggml's <c>quantize_row_q5_1_ref</c>:
/// the range from least to greatest in 31 steps.
/// </summary>
internal readonly struct Q5_1Codec : IBlockCodec
{
    private const int Half32 = 16;
    private const int HighBits = 4;
    private const int Weights = 8;

    public static DType Type => DType.Q5_1;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        float least = (float)MemoryMarshal.Read<Half>(block[2..]);
        uint high = BinaryPrimitives.ReadUInt32LittleEndian(block[HighBits..]);
        for (int i = 0; i < Half32; i++)
        {
            int pair = block[Weights + i];
            weights[i] = ((pair & 15) | FifthBit.Of(high, i)) * scale + least;
            weights[i + Half32] = ((pair >> 4) | FifthBit.Of(high, i + Half32)) * scale + least;
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        (float least, float greatest) = Extremes.Range(weights);
        float scale = (greatest - least) / 31;
        float inverse = scale == 0 ? 0 : 1 / scale;
        MemoryMarshal.Write(block, (Half)scale);
        MemoryMarshal.Write(block[2..], (Half)least);
        uint high = 0;
        for (int i = 0; i < Half32; i++)
        {
            int first = Code((weights[i] - least) * inverse);
            int second = Code((weights[i + Half32] - least) * inverse);
            block[Weights + i] = (byte)((first & 15) | ((second & 15) << 4));
            high |= FifthBit.At(first, i) | FifthBit.At(second, i + Half32);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block[HighBits..], high);
    }

    private static int Code(float value) => (int)(value + 0.5f);
}
