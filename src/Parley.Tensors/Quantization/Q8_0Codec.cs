using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q8_0: F16 scale, 32 signed bytes. Encoding is ggml's <c>quantize_row_q8_0_ref</c>: scale = max |x| / 127, values divided
/// by the unrounded scale and rounded half away from zero.
/// </summary>
internal readonly struct Q8_0Codec : IBlockCodec
{
    private const int Weights = 2;

    public static DType Type => DType.Q8_0;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = scale * (sbyte)block[Weights + i];
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        float scale = Extremes.LargestMagnitude(weights) / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        MemoryMarshal.Write(block, (Half)scale);
        for (int i = 0; i < weights.Length; i++)
        {
            block[Weights + i] = (byte)(sbyte)MathF.Round(weights[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}
