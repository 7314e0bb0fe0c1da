using Parley.Tensors;

namespace Parley.Inference.Verification;

/// <summary>
/// Every model file of a folder with every kernel set: served as it is stored, and where that rounds activations also in exact arithmetic. The
/// command line and the tests run this same code.
/// </summary>
public sealed class OracleSuite(OracleFolder folder, IReadOnlyList<KernelSet> sets)
{
    private readonly Dictionary<(KernelSet, OracleTolerance), int> _missedGreedy = [];

    /// <summary>The sets that this machine has, the scalar reference first.</summary>
    public static IReadOnlyList<KernelSet> SetsOfThisMachine { get; } =
        [.. KernelSets.All.Where(KernelSets.InHardware)];

    /// <summary>Verdicts as they come; <see cref="OracleResult.IsOk"/> knows of the files before it.</summary>
    public async IAsyncEnumerable<OracleResult> RunAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in folder.Files)
        {
            foreach (var (set, arithmetic) in Ways(file))
            {
                var verdict = await OracleCheck.RunAsync(file, set, arithmetic, cancellationToken);
                yield return Judge(verdict);
                if (verdict.Refusal is not null)
                {
                    break; // once is enough: it is not the kernels' fault
                }
            }
        }
    }

    private IEnumerable<(KernelSet Set, Arithmetic Arithmetic)> Ways(OracleFile file)
    {
        Arithmetic[] ways = OracleCheck.IsAlwaysExact(file) ? [Arithmetic.Fast] : [Arithmetic.Fast, Arithmetic.Exact];
        return sets.SelectMany(set => ways.Select(arithmetic => (set, arithmetic)));
    }

    // A few greedy tokens may differ where activations are rounded, but only in as many files as the table allows.
    private OracleResult Judge(OracleVerdict verdict)
    {
        var key = (verdict.Kernels, verdict.Tolerance);
        var missed = _missedGreedy.GetValueOrDefault(key) + (verdict.HasRightTokens ? 0 : 1);
        _missedGreedy[key] = missed;
        return new OracleResult(verdict, verdict.HasRightLogits && (verdict.HasRightTokens || missed <= verdict.Tolerance.MayMissGreedy));
    }
}

/// <summary>A verdict, and whether it may stand.</summary>
public sealed record OracleResult(OracleVerdict Verdict, bool IsOk);
