namespace Parley.Tensors;

/// <summary>
/// A low-rank update of one linear map: y = W x becomes y = W x + scale * B (A x) (LoRA, arXiv:2106.09685). Both matrices are F32, so that
/// what is trained is what is served. Owns them.
/// </summary>
public sealed class LowRankPair : IDisposable
{
    /// <param name="a">[r, K]: from the map's inputs to the rank.</param>
    /// <param name="b">[N, r]: from the rank to the map's outputs.</param>
    /// <param name="scale">Finite; alpha / r as a rule.</param>
    /// <exception cref="ArgumentException">The two do not meet in one rank, are not F32 matrices, or the scale is not finite.</exception>
    public LowRankPair(Parameter a, Parameter b, float scale)
    {
        if (a.Value is not { DType: DType.F32, Shape.Rank: 2 } || b.Value is not { DType: DType.F32, Shape.Rank: 2 })
        {
            throw new ArgumentException($"A low-rank pair is two F32 matrices, not {a.Value} and {b.Value}.");
        }

        if (a.Value.Shape[0] != b.Value.Shape[1] || a.Value.Shape[0] == 0)
        {
            throw new ArgumentException($"A low-rank pair meets in one rank of at least 1; {a.Value.Shape} and {b.Value.Shape} do not.");
        }

        (A, B, Scale) = (a, b, float.IsFinite(scale) ? scale : throw new ArgumentException($"A low-rank pair cannot be scaled by {scale}."));
    }

    /// <summary>[r, K]</summary>
    public Parameter A { get; }

    /// <summary>[N, r]</summary>
    public Parameter B { get; }

    public float Scale { get; }

    /// <summary>r, at least 1.</summary>
    public int Rank => A.Value.Shape[0];

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
