using System.Runtime.Intrinsics;

namespace Parley.Tensors.Quantization;

/// <summary>
/// Finds the grid <c>scale * q</c>, q = -32 ... 31, closest to some weights, as <see cref="AffineGrid"/> does for grids with an
/// offset. The scale may be negative, which gives the longer side to the positive weights.
/// </summary>
internal static class CentredGrid
{
    private const int Lowest = -32;
    private const int Highest = 31;
    private const int Rounds = 3;
    // Coarser grids than the one that just reaches the farthest weight: without them rms is 6% higher.
    private static readonly float[] Shrinkages = [1.06f, 1.03f, 1f, 0.97f];

    /// <param name="weights">A multiple of eight.</param>
    public static float Fit(ReadOnlySpan<float> weights)
    {
        float best = Extremes.Farthest(weights) / Lowest;
        if (!(MathF.Abs(best) > 0))
        {
            return best; // all zero, or NaN
        }

        float leastError = float.PositiveInfinity;
        float whole = best;
        foreach (float shrinkage in Shrinkages)
        {
            float scale = whole * shrinkage;
            for (int round = 0; round < Rounds && scale != 0; round++)
            {
                (float products, float squares, float error) = Measure(weights, scale);
                if (error < leastError)
                {
                    (leastError, best) = (error, scale);
                }

                float next = squares > 0 ? products / squares : 0;
                scale = next == scale ? 0 : next;
            }
        }

        return best;
    }

    /// <summary>The squared error of a grid with the nearest codes.</summary>
    public static float Error(ReadOnlySpan<float> weights, float scale) => Measure(weights, scale).Error;

    /// <summary>The nearest code of one weight, as <see cref="Error"/> takes it.</summary>
    public static int Code(float weight, float inverse) => (int)MathF.Max(Lowest, MathF.Min(Highest, MathF.Round(weight * inverse)));

    private static (float Products, float Squares, float Error) Measure(ReadOnlySpan<float> weights, float scale)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        (Vector256<float> bottom, Vector256<float> top) = (Vector256.Create((float)Lowest), Vector256.Create((float)Highest));
        (Vector256<float> products, Vector256<float> squares, Vector256<float> errors) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (int i = 0; i < weights.Length; i += Vector256<float>.Count)
        {
            Vector256<float> weight = Vector256.Create(weights[i..]);
            Vector256<float> code = Vector256.Max(bottom, Vector256.Min(top, Vector256.Round(weight * inverse)));
            Vector256<float> error = code * scale - weight;
            products += code * weight;
            squares += code * code;
            errors += error * error;
        }

        return (Vector256.Sum(products), Vector256.Sum(squares), Vector256.Sum(errors));
    }
}
