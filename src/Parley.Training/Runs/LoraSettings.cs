namespace Parley.Training.Runs;

/// <summary>An adapter that a run trains in place of the weights (LoRA, arXiv:2106.09685): y = W x becomes y = W x + alpha / rank * B (A x).</summary>
/// <param name="Rank">At least 1, and no more than the smallest side of a matrix that is adapted.</param>
/// <param name="Alpha">Above 0.</param>
/// <param name="Targets">Projections of each layer by the ends of their names: q_proj, down_proj ...; at least one.</param>
public sealed record LoraSettings(int Rank, double Alpha, IReadOnlyList<string> Targets)
{
    /// <summary>All of a layer's projections.</summary>
    public const string AllTargets = "all";

    /// <summary>The scale's usual numerator: twice the rank, so that the update has the same size whatever the rank.</summary>
    public static double UsualAlpha(int rank) => 2.0 * rank;
}
