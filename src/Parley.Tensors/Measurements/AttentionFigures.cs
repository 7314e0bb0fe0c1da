namespace Parley.Tensors.Measurements;

/// <summary>What <see cref="AttentionBench"/> is to time: the last <paramref name="Rows"/> positions of each of some sequences.</summary>
/// <param name="Sequences">Sequences of equal length.</param>
/// <param name="Context">Positions of each after the step.</param>
/// <param name="Rows">Rows of each in the step: Context for a prefill, 1 for a decode step.</param>
public readonly record struct AttentionShape(
    int Heads, int KVHeads, int HeadDim, int Sequences, int Context, int Rows, DType CacheDType = DType.F32, int Layers = 8)
{
    /// <summary>Floating-point operations of a layer that no mask makes superfluous: 4 a head, element and visible key.</summary>
    public double Operations => 4.0 * Heads * HeadDim * Sequences * (Rows * (Context - Rows + (Rows + 1) / 2.0));

    /// <summary>Bytes of keys and values that a layer reads at least once.</summary>
    public double Bytes => KVCache.BytesPerBlock(1, KVHeads, HeadDim, CacheDType) / (double)KVCache.BlockSize * Context * Sequences;
}

/// <summary>What <see cref="AttentionBench"/> measured.</summary>
/// <param name="Seconds">Median of a layer.</param>
/// <param name="BestSeconds">The best round; far below the median, the machine was busy with something else.</param>
/// <param name="PeakGigaFlops">The best round of <see cref="FmaPeak"/>.</param>
public sealed record AttentionFigures(AttentionShape Shape, double Seconds, double BestSeconds, double PeakGigaFlops)
{
    public double GigaFlops => Shape.Operations / Seconds / 1e9;

    public double GigaBytes => Shape.Bytes / Seconds / 1e9;

    /// <summary>Best against best; neither can be flattered by other load.</summary>
    public double Ratio => Shape.Operations / BestSeconds / 1e9 / PeakGigaFlops;
}
