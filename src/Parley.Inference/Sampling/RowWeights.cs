using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Parley.Inference;

/// <summary>
/// The weights exp((logit - largest) / temperature) of one row, summed in pieces of 1,024: each piece by 16 lanes and a fixed tree, the pieces one after
/// the other. The order never changes, so neither does a draw.
/// </summary>
internal static class RowWeights
{
    /// <summary>Logits in a piece.</summary>
    public const int Piece = 1024;

    private const int Lanes = 16;

    public static int Pieces(int length) => (length + Piece - 1) / Piece;

    /// <summary>Fills <paramref name="sums"/> with the weight of each piece and returns their total. The weights themselves are kept only when there is room for them.</summary>
    /// <param name="weights">As long as <paramref name="logits"/>, or empty.</param>
    public static double Sum(ReadOnlySpan<float> logits, float largest, float temperature, Span<double> sums, Span<float> weights = default)
    {
        double total = 0;
        for (var piece = 0; piece < Pieces(logits.Length); piece++)
        {
            var start = piece * Piece;
            var part = logits[start..Math.Min(logits.Length, start + Piece)];
            sums[piece] = LogSoftmax.Weights(part, largest, temperature, weights.IsEmpty ? default : weights.Slice(start, part.Length));
            total += sums[piece];
        }

        return total;
    }

    /// <summary>Lists the tokens whose weight is at least <paramref name="floor"/>, by id; returns how many.</summary>
    public static int AtLeast(ReadOnlySpan<float> weights, float floor, Span<Candidate> target)
    {
        var (count, bound) = (0, Vector512.Create(floor));
        ref var first = ref MemoryMarshal.GetReference(weights);
        var at = 0;
        for (; at + Lanes <= weights.Length; at += Lanes)
        {
            var bits = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)at), bound).ExtractMostSignificantBits();
            for (; bits != 0; bits &= bits - 1)
            {
                var token = at + System.Numerics.BitOperations.TrailingZeroCount(bits);
                target[count++] = new(token, weights[token]);
            }
        }

        for (; at < weights.Length; at++)
        {
            if (weights[at] >= floor)
            {
                target[count++] = new(at, weights[at]);
            }
        }

        return count;
    }
}
