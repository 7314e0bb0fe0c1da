using Parley.Tensors;

namespace Parley.Inference.Verification;

/// <summary>How far an engine may be from exact arithmetic, which depends on how it rounds activations; the table of the oracle folder's README.</summary>
/// <param name="Activations">How activations are rounded before products.</param>
/// <param name="Distance">Root mean square of the difference over the standard deviation of the exact logits.</param>
/// <param name="Largest">Largest difference of a logit.</param>
/// <param name="Divergence">Mean over positions of KL(exact || ours), in nats.</param>
/// <param name="LargestDivergence">The same of one position; infinite where none is promised.</param>
/// <param name="MayMissGreedy">How many files of a folder may leave the oracle's greedy tokens.</param>
public sealed record OracleTolerance(string Activations, double Distance, double Largest, double Divergence, double LargestDivergence, int MayMissGreedy)
{
    private static readonly OracleTolerance Float = new("fp32", 1e-4, 5e-3, 1e-6, double.PositiveInfinity, 0);
    private static readonly OracleTolerance BrainFloat = new("bf16", 2e-2, 0.5, 1.5e-3, double.PositiveInfinity, 0);
    private static readonly OracleTolerance Blocks = new("int8 by 32", 0.06, 1.5, 0.015, double.PositiveInfinity, 1);
    private static readonly OracleTolerance SuperBlocks = new("int8", 0.08, 2.5, 0.025, 0.25, 1);

    public static OracleTolerance Of(OracleFile file, Arithmetic arithmetic) => arithmetic == Arithmetic.Exact
        ? Float
        : file.StorageType switch
        {
            "F32" or "F16" => Float,
            "BF16" => BrainFloat,
            "Q8_0" or "Q4_0" or "Q4_1" or "Q5_0" or "Q5_1" => Blocks,
            _ => SuperBlocks,
        };
}
