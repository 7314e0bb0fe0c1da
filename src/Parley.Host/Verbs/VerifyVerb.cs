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
        var oracles = new Command("oracles", "Logits and greedy tokens of tiny models against exact ones.") { folder };
        oracles.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(folder), cancellationToken));
        return new Command("verify", "Check numbers against an independent oracle.") { oracles };
    }

    /// <summary>Exit code 1 when a file that can be run misses its tolerance, or none could be run.</summary>
    private static async Task<int> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var (ok, missed, refused) = (0, 0, 0);
        var sets = KernelSets.All.Where(KernelSets.InHardware).ToArray();
        foreach (var file in new OracleFolder(folder).Files)
        {
            foreach (var set in sets)
            {
                var verdict = await OracleCheck.RunAsync(file, set, cancellationToken);
                if (verdict.Refusal is { } reason)
                {
                    refused++;
                    Console.Out.WriteLine($"{file.Name,-24} not supported yet: {reason}");
                    break;
                }

                var good = verdict.IsOk(file);
                (ok, missed) = good ? (ok + 1, missed) : (ok, missed + 1);
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{file.Name,-24} {verdict.Kernels,-10} logits {verdict.Distance:E2} of {OracleCheck.Tolerance:E0}, greedy {verdict.EqualTokens} of {file.Greedy.Length}  {(good ? "ok" : "MISSED")}"));
            }
        }

        Console.Out.WriteLine($"{ok} ok, {missed} missed, {refused} files not supported yet");
        return missed == 0 && ok > 0 ? 0 : 1;
    }
}
