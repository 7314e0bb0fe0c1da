namespace Parley.Tensors;

/// <summary>
/// Cosines and sines of rotary position embedding (RoFormer, arXiv:2104.09864): angle(position, i) = position * frequency[i], both
/// multiplied by one magnitude. Computed once in double and rounded, so that every row at a position is turned by the same bits. When
/// there are fewer than headDim / 2 frequencies, only the first elements of a head are turned and the others pass. It does not know
/// heads, batches, or where the frequencies come from.
/// </summary>
public sealed class RotaryTable : IDisposable
{
    /// <summary>The table of the paper: frequency[i] = theta^(-2i / headDim) for the whole head.</summary>
    /// <param name="headDim">Elements of a head; even.</param>
    /// <param name="maxPositions">Positions 0 .. maxPositions - 1 are served.</param>
    /// <param name="theta">The base of the wavelengths, 10,000 in the paper.</param>
    /// <param name="style">Which elements turn together.</param>
    public RotaryTable(int headDim, int maxPositions, float theta, RotaryStyle style = RotaryStyle.Neox)
        : this(headDim, maxPositions, Frequencies(headDim, theta), style)
    {
    }

    /// <param name="headDim">Elements of a head; even.</param>
    /// <param name="maxPositions">Positions 0 .. maxPositions - 1 are served.</param>
    /// <param name="frequencies">Radians per position of each turned pair, at most headDim / 2 of them.</param>
    /// <param name="style">Which elements turn together, within the turned part of a head.</param>
    /// <param name="magnitude">What cosines and sines are multiplied by.</param>
    public RotaryTable(int headDim, int maxPositions, ReadOnlySpan<double> frequencies, RotaryStyle style = RotaryStyle.Neox, double magnitude = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPositions);
        HeadDims.CheckTurned(headDim);
        if (frequencies.IsEmpty || frequencies.Length > headDim / 2)
        {
            throw new ArgumentException($"{frequencies.Length} frequencies do not fit a head of {headDim}; give 1 to {headDim / 2}.", nameof(frequencies));
        }

        (HeadDim, MaxPositions, Style) = (headDim, maxPositions, style);
        var half = frequencies.Length;
        var cosines = new float[checked(maxPositions * half)];
        var sines = new float[cosines.Length];
        for (var i = 0; i < half; i++)
        {
            var frequency = frequencies[i];
            for (var position = 0; position < maxPositions; position++)
            {
                (var sine, var cosine) = Math.SinCos(position * frequency);
                cosines[position * half + i] = (float)(cosine * magnitude);
                sines[position * half + i] = (float)(sine * magnitude);
            }
        }

        Cosines = Tensor.FromHost(new(maxPositions, half), cosines);
        Sines = Tensor.FromHost(new(maxPositions, half), sines);
    }

    /// <summary>Elements of a head.</summary>
    public int HeadDim { get; }

    /// <summary>How many elements of a head are turned, from the first on.</summary>
    public int RotaryDim => 2 * Cosines.Shape.Last;

    /// <summary>How many positions the table serves.</summary>
    public int MaxPositions { get; }

    /// <summary>Which elements turn together.</summary>
    public RotaryStyle Style { get; }

    /// <summary>[maxPositions, rotaryDim / 2]</summary>
    internal Tensor Cosines { get; }

    /// <summary>[maxPositions, rotaryDim / 2]</summary>
    internal Tensor Sines { get; }

    public void Dispose()
    {
        Cosines.Dispose();
        Sines.Dispose();
    }

    private static double[] Frequencies(int headDim, float theta)
    {
        HeadDims.CheckTurned(headDim);
        if (!(theta > 0 && float.IsFinite(theta))) throw new ArgumentOutOfRangeException(nameof(theta), theta, "Theta must be positive.");
        var frequencies = new double[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++) frequencies[i] = Math.Pow(theta, -2.0 * i / headDim);
        return frequencies;
    }
}
