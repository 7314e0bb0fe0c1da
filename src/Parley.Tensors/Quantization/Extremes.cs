namespace Parley.Tensors.Quantization;

/// <summary>What the encoders ask of a block first. A NaN in the block makes the answer a NaN, so it cannot vanish.</summary>
internal static class Extremes
{
    public static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        return largest;
    }

    /// <summary>The value of largest magnitude with its sign; the first of equals.</summary>
    public static float Farthest(ReadOnlySpan<float> values)
    {
        float farthest = 0;
        foreach (float value in values)
        {
            if (float.IsNaN(value))
            {
                return value;
            }

            farthest = MathF.Abs(value) > MathF.Abs(farthest) ? value : farthest;
        }

        return farthest;
    }

    public static (float Least, float Greatest) Range(ReadOnlySpan<float> values)
    {
        (float least, float greatest) = (values[0], values[0]);
        foreach (float value in values)
        {
            (least, greatest) = (MathF.Min(least, value), MathF.Max(greatest, value));
        }

        return (least, greatest);
    }
}
