using System.Globalization;
using Parley.Tensors;

namespace Parley.Inference.Verification;

/// <summary>What came out for one file, kernel set and arithmetic.</summary>
/// <param name="Distance">Null when the file was not run.</param>
/// <param name="EqualTokens">How many greedy tokens from the first on are the oracle's.</param>
/// <param name="Refusal">Why the file was not run: what is not supported.</param>
/// <param name="SetRan">False when no product of the file is one that the set has kernels of its own for: it then proves nothing about the set.</param>
public sealed record OracleVerdict(
    OracleFile File, KernelSet Kernels, Arithmetic Arithmetic, OracleDistance? Distance, int EqualTokens, string? Refusal, bool SetRan)
{
    public OracleTolerance Tolerance { get; } = OracleTolerance.Of(File, Arithmetic);

    /// <summary>The logits are within every tolerance.</summary>
    public bool HasRightLogits => Distance is { } distance && distance.IsWithin(Tolerance);

    /// <summary>All greedy tokens are the oracle's.</summary>
    public bool HasRightTokens => EqualTokens == File.Greedy.Length;

    private string LargestDivergence => double.IsFinite(Tolerance.LargestDivergence)
        ? string.Create(CultureInfo.InvariantCulture, $" and {Distance!.LargestDivergence:E1} of {Tolerance.LargestDivergence:G2} at one position")
        : "";

    public override string ToString() => Refusal ?? string.Create(
        CultureInfo.InvariantCulture,
        $"{File.Name,-24} {Kernels,-10} {Tolerance.Activations,-10} rms {Distance!.Relative:E1} of {Tolerance.Distance:G2}, max {Distance.Largest:E1} of {Tolerance.Largest:G2}, KL {Distance.Divergence:E1} of {Tolerance.Divergence:G2}{LargestDivergence}, greedy {EqualTokens} of {File.Greedy.Length}");
}
