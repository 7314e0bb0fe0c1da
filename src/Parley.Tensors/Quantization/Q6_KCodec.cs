using System.Runtime.InteropServices;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Q6_K: 128 bytes of low halves, 64 bytes of upper bit pairs, sixteen signed scales, then the F16 scale of the scales. Of
/// every 128 weights the four quarters share: quarters 0 and 2 the two halves of the first 32 bytes, 1 and 3 those of the
/// next 32; the bit pairs of quarter k lie at bits 2k. A weight is scale * step * (code - 32).
/// </summary>
internal readonly struct Q6_KCodec : IBlockCodec
{
    private const int High = 128;
    private const int Scales = 192;
    private const int SuperScale = 208;
    private const int Groups = 16;
    private const int GroupLength = 16;
    private const int Quarter = 32;

    public static DType Type => DType.Q6_K;

    public static void Decode(ReadOnlySpan<byte> block, Span<float> weights)
    {
        float scale = (float)MemoryMarshal.Read<Half>(block[SuperScale..]);
        for (int half = 0; half < 2; half++)
        {
            ReadOnlySpan<byte> low = block.Slice(half * 2 * Quarter, 2 * Quarter);
            ReadOnlySpan<byte> high = block.Slice(High + half * Quarter, Quarter);
            ReadOnlySpan<byte> steps = block.Slice(Scales + half * Groups / 2, Groups / 2);
            Span<float> part = weights.Slice(half * 4 * Quarter, 4 * Quarter);
            for (int i = 0; i < part.Length; i++)
            {
                (int quarter, int at) = (i / Quarter, i % Quarter);
                int code = ((low[quarter % 2 * Quarter + at] >> (quarter / 2 * 4)) & 15) | (((high[at] >> (2 * quarter)) & 3) << 4);
                part[i] = scale * (sbyte)steps[i / GroupLength] * (code - 32);
            }
        }
    }

    public static void Encode(ReadOnlySpan<float> weights, Span<byte> block)
    {
        Span<float> scales = stackalloc float[Groups];
        for (int group = 0; group < Groups; group++)
        {
            scales[group] = CentredGrid.Fit(weights.Slice(group * GroupLength, GroupLength));
        }

        Half unit = (Half)(Extremes.Farthest(scales) / -128);
        block.Clear();
        MemoryMarshal.Write(block[SuperScale..], unit);
        for (int group = 0; group < Groups; group++)
        {
            ReadOnlySpan<float> part = weights.Slice(group * GroupLength, GroupLength);
            int step = Nearest(part, scales[group], (float)unit);
            block[Scales + group] = (byte)(sbyte)step;
            WriteCodes(part, (float)unit * step, group, block);
        }
    }

    private static int Nearest(ReadOnlySpan<float> weights, float scale, float unit)
    {
        int rounded = unit == 0 ? 0 : (int)MathF.Max(-128, MathF.Min(127, MathF.Round(scale / unit)));
        (int best, float leastError) = (rounded, CentredGrid.Error(weights, unit * rounded));
        for (int step = Math.Max(-128, rounded - 1); step <= Math.Min(127, rounded + 1); step++)
        {
            float error = CentredGrid.Error(weights, unit * step);
            (best, leastError) = error < leastError ? (step, error) : (best, leastError);
        }

        return best;
    }

    private static void WriteCodes(ReadOnlySpan<float> weights, float scale, int group, Span<byte> block)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < GroupLength; i++)
        {
            int code = CentredGrid.Code(weights[i], inverse) + 32;
            (int half, int within) = Math.DivRem(group * GroupLength + i, 4 * Quarter);
            (int quarter, int at) = (within / Quarter, within % Quarter);
            block[half * 2 * Quarter + quarter % 2 * Quarter + at] |= (byte)((code & 15) << (quarter / 2 * 4));
            block[High + half * Quarter + at] |= (byte)((code >> 4) << (2 * quarter));
        }
    }
}
