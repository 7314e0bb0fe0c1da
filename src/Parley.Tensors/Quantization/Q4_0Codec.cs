using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q4_0: F16 scale, then 16 bytes; byte i holds weight i in its low and weight i + 16 in its high half, each plus 8.
/// Encoding is ggml's <c>quantize_row_q4_0_ref</c>: the weight of largest magnitude becomes -8.
/// </summary>
internal readonly struct Q4_0Codec : IBlockCodec
{
    private const int Half32 = 16;
    private const int Weights = 2;

    public static DType Type => DType.Q4_0;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        for (int i = 0; i < Half32; i++)
        {
            int pair = block[Weights + i];
            weights[i] = ((pair & 15) - 8) * scale;
            weights[i + Half32] = ((pair >> 4) - 8) * scale;
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        float scale = Extremes.Farthest(weights) / -8;
        float inverse = scale == 0 ? 0 : 1 / scale;
        MemoryMarshal.Write(block, (Half)scale);
        for (int i = 0; i < Half32; i++)
        {
            block[Weights + i] = (byte)(Code(weights[i] * inverse) | (Code(weights[i + Half32] * inverse) << 4));
        }
    }

    private static int Code(float value) => Math.Min(15, (int)(value + 8.5f));
}
