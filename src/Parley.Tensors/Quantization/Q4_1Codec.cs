using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q4_1: F16 scale, F16 minimum, then 16 bytes as in Q4_0 without the offset. Encoding is ggml's
/// <c>quantize_row_q4_1_ref</c>: the range from least to greatest in 15 steps.
/// </summary>
internal readonly struct Q4_1Codec : IBlockCodec
{
    private const int Half32 = 16;
    private const int Weights = 4;

    public static DType Type => DType.Q4_1;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        float least = (float)MemoryMarshal.Read<Half>(block[2..]);
        for (int i = 0; i < Half32; i++)
        {
            int pair = block[Weights + i];
            weights[i] = (pair & 15) * scale + least;
            weights[i + Half32] = (pair >> 4) * scale + least;
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        (float least, float greatest) = Extremes.Range(weights);
        float scale = (greatest - least) / 15;
        float inverse = scale == 0 ? 0 : 1 / scale;
        MemoryMarshal.Write(block, (Half)scale);
        MemoryMarshal.Write(block[2..], (Half)least);
        for (int i = 0; i < Half32; i++)
        {
            block[Weights + i] = (byte)(Code((weights[i] - least) * inverse) | (Code((weights[i + Half32] - least) * inverse) << 4));
        }
    }

    private static int Code(float value) => Math.Min(15, (int)(value + 0.5f));
}
