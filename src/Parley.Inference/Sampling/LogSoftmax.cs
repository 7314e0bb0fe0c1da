using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Parley.Inference;

/// <summary>
/// Log-softmax of one row of logits to the same bits as the trainer's cross-entropy: 16 logical lanes, the fixed tree
/// (l, l+8), (l, l+4), (l, l+2), (l, l+1), and the exponential of Tensors' <c>LanesMath</c> (Cephes' range reduction, Taylor to degree 7).
/// A Vector512 is those 16 lanes on every machine; where it is not native, the runtime takes it apart without changing a bit.
/// </summary>
internal static class LogSoftmax
{
    private const int Lanes = 16;
    private const float RoundingShift = 12582912f; // 1.5 * 2^23

    /// <summary>A row's largest logit and the natural log of the sum of exp(logit - largest).</summary>
    public readonly record struct RowNormalizer(float Largest, double LogSum);

    public static RowNormalizer Normalizer(ReadOnlySpan<float> logits)
    {
        var largest = RowMaximum.Find(logits).Value;
        return new(largest, Math.Log(SumOfExponentials(logits, largest)));
    }

    /// <summary>The natural-log probability of a token with this logit.</summary>
    public static float Of(float logit, RowNormalizer normalizer) => -(float)(normalizer.LogSum + ((double)normalizer.Largest - logit));

    /// <summary>weights[i] = exp((logits[i] - largest) / temperature), 1 for the largest logit, unless <paramref name="weights"/> is empty; returns their sum.</summary>
    public static float Weights(ReadOnlySpan<float> logits, float largest, float temperature, Span<float> weights)
    {
        var (sum, shift, scale) = (Vector512<float>.Zero, Vector512.Create(largest), Vector512.Create(Math.Min(1 / temperature, float.MaxValue)));
        for (var i = 0; i < logits.Length; i += Lanes)
        {
            var weight = Exp((Load(logits, i) - shift) * scale);
            sum += weight;
            if (!weights.IsEmpty)
            {
                Store(weight, weights, i);
            }
        }

        return AcrossLanes(sum);
    }

    private static float SumOfExponentials(ReadOnlySpan<float> logits, float largest)
    {
        var (sum, shift) = (Vector512<float>.Zero, Vector512.Create(largest));
        for (var i = 0; i < logits.Length; i += Lanes)
        {
            sum += Exp(Load(logits, i) - shift);
        }

        return AcrossLanes(sum);
    }

    private static float AcrossLanes(Vector512<float> sum)
    {
        var eight = sum.GetLower() + sum.GetUpper();
        var four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    private static Vector512<float> Load(ReadOnlySpan<float> source, int at)
    {
        if (at + Lanes <= source.Length)
        {
            return Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(source), (nuint)at);
        }

        Span<float> edge = stackalloc float[Lanes];
        edge.Fill(float.NegativeInfinity);
        source[at..].CopyTo(edge);
        return Vector512.Create<float>(edge);
    }

    private static void Store(Vector512<float> value, Span<float> target, int at)
    {
        if (at + Lanes <= target.Length)
        {
            value.StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)at);
            return;
        }

        Span<float> edge = stackalloc float[Lanes];
        value.CopyTo(edge);
        edge[..(target.Length - at)].CopyTo(target[at..]);
    }

    private static Vector512<float> Exp(Vector512<float> x)
    {
        x = Smaller(Vector512.Create(89f), x);
        x = Larger(Vector512.Create(-104f), x);
        var shift = Vector512.Create(RoundingShift);
        var n = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), shift) - shift;
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1f / 5040);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f));
        var half = Vector512.FusedMultiplyAdd(n, Vector512.Create(0.5f), shift) - shift;
        return p * PowerOfTwo(half) * PowerOfTwo(n - half);
    }

    private static Vector512<float> PowerOfTwo(Vector512<float> n) =>
        Vector512.ShiftLeft((n + Vector512.Create(RoundingShift)).AsInt32() + Vector512.Create(127), 23).AsSingle();

    private static Vector512<float> Smaller(Vector512<float> a, Vector512<float> b) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(b, a), a, b);

    private static Vector512<float> Larger(Vector512<float> a, Vector512<float> b) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(a, b), a, b);
}
