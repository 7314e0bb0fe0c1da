namespace Parley.Tensors;

/// <summary>
/// Cosines and sines of rotary position embedding (RoFormer, arXiv:2104.09864): angle(position, i) = position * theta^(-2i / headDim).
/// Computed once in double and rounded, so that every row at a position is turned by the same bits. It does not know heads or batches.
/// </summary>
public sealed class RotaryTable : IDisposable
{
    /// <param name="headDim">Elements of a head; an even number.</param>
    /// <param name="maxPositions">Positions 0 .. maxPositions - 1 are served.</param>
    /// <param name="theta">The base of the wavelengths, 10,000 in the paper.</param>
    /// <param name="style">Which elements turn together.</param>
    public RotaryTable(int headDim, int maxPositions, float theta, RotaryStyle style = RotaryStyle.Neox)
    {
        HeadDims.Check(headDim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPositions);
        if (!(theta > 0 && float.IsFinite(theta))) throw new ArgumentOutOfRangeException(nameof(theta), theta, "Theta must be positive.");
        (HeadDim, MaxPositions, Theta, Style) = (headDim, maxPositions, theta, style);
        var half = headDim / 2;
        var cosines = new float[checked(maxPositions * half)];
        var sines = new float[cosines.Length];
        for (var i = 0; i < half; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / headDim);
            for (var position = 0; position < maxPositions; position++)
            {
                (var sine, var cosine) = Math.SinCos(position * frequency);
                cosines[position * half + i] = (float)cosine;
                sines[position * half + i] = (float)sine;
            }
        }

        Cosines = Tensor.FromHost(new(maxPositions, half), cosines);
        Sines = Tensor.FromHost(new(maxPositions, half), sines);
    }

    /// <summary>Elements of a head.</summary>
    public int HeadDim { get; }

    /// <summary>How many positions the table serves.</summary>
    public int MaxPositions { get; }

    /// <summary>The base of the wavelengths.</summary>
    public float Theta { get; }

    /// <summary>Which elements turn together.</summary>
    public RotaryStyle Style { get; }

    /// <summary>[maxPositions, headDim / 2]</summary>
    internal Tensor Cosines { get; }

    /// <summary>[maxPositions, headDim / 2]</summary>
    internal Tensor Sines { get; }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }
}
