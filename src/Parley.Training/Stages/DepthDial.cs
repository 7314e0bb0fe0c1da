namespace Parley.Training.Stages;

/// <summary>
/// One number from which the rest of a run follows, so that models of all sizes are comparable: depth, as nanochat has it.
/// <list type="bullet">
/// <item>Width 64 a layer, heads of 64 elements, so as many heads as layers (nanochat's aspect ratio; Kaplan et al. 2020, arXiv:2001.08361, found that
/// the ratio hardly matters between 30 and 100).</item>
/// <item>Batch: the best one grows with the data as D^0.383 (Bergsma et al. 2025, arXiv:2505.13738), data with the weights inside layers
/// (Hoffmann et al. 2022, arXiv:2203.15556), and these with depth^3; so as depth^1.15 from 16 sequences at depth 6, to the nearest power of two.</item>
/// <item>Learning rate: 1e-3 at depth 6, divided by the square root of the width's ratio (nanochat; between no scaling and muP's 1 / width), times
/// the square root of the batch's ratio (Malladi et al. 2022, arXiv:2205.10287, for Adam).</item>
/// </list>
/// </summary>
/// <param name="Depth">Decoder layers, from 1 to 96.</param>
public sealed record DepthDial(int Depth)
{
    private const int WidthPerLayer = 64;
    private const int ReferenceDepth = 6, ReferenceBatch = 16;
    private const double ReferenceRate = 1e-3;
    private const double BatchGrowth = 3 * 0.383;

    /// <summary>D: the width of the model.</summary>
    public int Hidden => WidthPerLayer * Depth;

    /// <summary>Attention heads, of 64 elements each.</summary>
    public int Heads => Depth;

    /// <summary>Sequences of one step.</summary>
    public int Batch => 1 << (int)Math.Round(Math.Log2(ReferenceBatch * Math.Pow((double)Depth / ReferenceDepth, BatchGrowth)));

    /// <summary>The peak learning rate for a batch, which need not be the dial's own.</summary>
    public double LearningRate(int batch) =>
        Math.Round(ReferenceRate * Math.Sqrt((double)ReferenceDepth / Depth) * Math.Sqrt((double)batch / ReferenceBatch), 6);
}
