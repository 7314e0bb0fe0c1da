using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Encodes the part that Q4_K and Q5_K share: two F16 scales, eight six-bit pairs (<see cref="SixBitScales"/>), and the codes.
/// Each 32 weights get the best grid of their own (<see cref="AffineGrid"/>); then, as six bits round it coarsely, the
/// neighbouring pairs are tried too.
/// </summary>
internal static class SuperBlockFit
{
    private const int Groups = 8;
    private const int GroupLength = 32;
    private const int TopScale = 63;

    /// <summary>Writes the first sixteen bytes of <paramref name="block"/> and one code a weight.</summary>
    public static void Encode(ReadOnlySpan<float> weights, int levels, Span<byte> block, Span<byte> codes)
    {
        Span<float> scales = stackalloc float[Groups];
        Span<float> minima = stackalloc float[Groups];
        for (int group = 0; group < Groups; group++)
        {
            (scales[group], float low) = AffineGrid.Fit(weights.Slice(group * GroupLength, GroupLength), levels);
            minima[group] = -low;
        }

        Half scale = (Half)(Extremes.LargestMagnitude(scales) / TopScale);
        Half minimum = (Half)(Extremes.LargestMagnitude(minima) / TopScale);
        MemoryMarshal.Write(block, scale);
        MemoryMarshal.Write(block[2..], minimum);
        Span<byte> packed = block.Slice(4, SixBitScales.Bytes);
        packed.Clear();
        for (int group = 0; group < Groups; group++)
        {
            ReadOnlySpan<float> part = weights.Slice(group * GroupLength, GroupLength);
            (int step, int offset) = Nearest(part, levels, ((float)scale, Rounded(scales[group], scale)), ((float)minimum, Rounded(minima[group], minimum)));
            SixBitScales.Write(packed, group, step, offset);
            WriteCodes(part, (float)scale * step, -(float)minimum * offset, levels, codes.Slice(group * GroupLength, GroupLength));
        }
    }

    private static int Rounded(float value, Half unit) => unit == Half.Zero ? 0 : (int)MathF.Min(TopScale, MathF.Round(value / (float)unit));

    private static (int Step, int Offset) Nearest(ReadOnlySpan<float> weights, int levels, (float Unit, int Code) scale, (float Unit, int Code) minimum)
    {
        (int, int) best = (scale.Code, minimum.Code);
        float leastError = AffineGrid.Error(weights, scale.Unit * scale.Code, -minimum.Unit * minimum.Code, levels);
        for (int step = Math.Max(0, scale.Code - 1); step <= Math.Min(TopScale, scale.Code + 1); step++)
        {
            for (int offset = Math.Max(0, minimum.Code - 1); offset <= Math.Min(TopScale, minimum.Code + 1); offset++)
            {
                float error = AffineGrid.Error(weights, scale.Unit * step, -minimum.Unit * offset, levels);
                if (error < leastError)
                {
                    (leastError, best) = (error, (step, offset));
                }
            }
        }

        return best;
    }

    private static void WriteCodes(ReadOnlySpan<float> weights, float scale, float low, int levels, Span<byte> codes)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < weights.Length; i++)
        {
            codes[i] = (byte)AffineGrid.Code(weights[i], inverse, low, levels);
        }
    }
}
