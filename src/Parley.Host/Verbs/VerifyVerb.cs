using System.CommandLine;
using System.Globalization;
using Parley.Inference.Verification;
using Parley.Tensors;

namespace Parley.Host.Verbs;

/// <summary><c>parley verify oracles [DIR]</c>: numbers against an independent computation, one line a file and kernel set.</summary>
internal static class VerifyVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("dir") { Description = "The folder of oracles.", DefaultValueFactory = _ => Path.Combine("..", "shared", "oracles") };
        var kernels = new Option<KernelSet?>("--kernels") { Description = "One kernel set instead of all that this machine has." };
        var oracles = new Command("oracles", "Logits, greedy tokens, token ids and chat templates against exact ones.") { folder, kernels };
        oracles.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(folder), parsed.GetValue(kernels), cancellationToken));
        return new Command("verify", "Check numbers against an independent oracle.")
        {
            oracles, VerifyEmbeddingsVerb.Create(), VerifyAdaptersVerb.Create(), VerifyProgramsVerb.Create(),
        };
    }

    /// <summary>Exit code 1 when a single line is not ok, or there was nothing to check.</summary>
    private static async Task<int> RunAsync(string folder, KernelSet? kernels, CancellationToken cancellationToken)
    {
        var (ok, missed) = await ModelsAsync(new OracleFolder(folder), kernels is { } set ? [set] : OracleSuite.SetsOfThisMachine, cancellationToken);
        foreach (var verdict in Has(folder, "tok") ? TokenizerOracle.Run(folder) : [])
        {
            (ok, missed) = verdict.Skipped is not null ? (ok, missed) : verdict.IsOk ? (ok + 1, missed) : (ok, missed + 1);
            Console.Out.WriteLine(verdict.Skipped is not null ? $"{verdict}" : $"{verdict}  {(verdict.IsOk ? "ok" : "MISSED")}");
        }

        foreach (var verdict in Has(folder, "chat") ? TemplateOracle.Run(folder) : [])
        {
            (ok, missed) = verdict.IsOk ? (ok + 1, missed) : (ok, missed + 1);
            Console.Out.WriteLine($"{verdict}  {(verdict.IsOk ? "ok" : "MISSED")}");
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ok} ok, {missed} missed"));
        return missed == 0 && ok > 0 ? 0 : 1;
    }

    /// <summary>A folder of oracles may hold models alone; what it lacks is said.</summary>
    private static bool Has(string folder, string part)
    {
        var present = Directory.Exists(Path.Combine(folder, part));
        if (!present)
        {
            Console.Out.WriteLine($"{part} is not in the folder: nothing of it is checked");
        }

        return present;
    }

    private static async Task<(int Ok, int Missed)> ModelsAsync(OracleFolder folder, IReadOnlyList<KernelSet> sets, CancellationToken cancellationToken)
    {
        var (ok, missed) = (0, 0);
        await foreach (var result in new OracleSuite(folder, sets).RunAsync(cancellationToken))
        {
            ok += result.IsOk && result.Verdict.SetRan ? 1 : 0;
            missed += result.IsOk ? 0 : 1;
            Console.Out.WriteLine($"{result.Verdict}  {(result.IsOk ? "ok" : "MISSED")}{(result.IsOk && !result.Verdict.SetRan ? ", but no assembled kernel was needed" : "")}");
        }

        return (ok, missed);
    }
}
