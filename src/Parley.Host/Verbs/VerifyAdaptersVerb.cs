using System.CommandLine;
using System.Globalization;
using Parley.Host.Benches.Engines;
using Parley.Host.Verification;

namespace Parley.Host.Verbs;

/// <summary><c>parley verify adapters</c>: logits of tiny random models under GGUF adapters against those of llama.cpp, one line a model and adapter.</summary>
internal static class VerifyAdaptersVerb
{
    private static readonly string[] Ways = ["no adapter", "first adapter", "second adapter"];

    public static Command Create()
    {
        var record = new Option<string?>("--record") { Description = "Also write llama.cpp's last logits to this file, which the tests compare with." };
        var command = new Command("adapters", "Logits of tiny random models under LoRA adapters against llama.cpp's.") { record };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(record), cancellationToken));
        return command;
    }

    /// <summary>Exit code 1 when one text's logits are not alike enough.</summary>
    private static async Task<int> RunAsync(string? record, CancellationToken cancellationToken)
    {
        var library = new LlamaLibrary(await LlamaPackage.InstallAsync(cancellationToken));
        var (last, missed) = (new Dictionary<string, IReadOnlyList<float[]>>(StringComparer.Ordinal), 0);
        var folder = Directory.CreateTempSubdirectory("parley-adapters");
        try
        {
            foreach (var chosen in AdapterCase.All)
            {
                var (model, adapters) = chosen.WriteFiles(folder.FullName);
                var (ours, peers) = (AdapterCheck.Ours(chosen, model, adapters), AdapterCheck.Peers(library, chosen, model, adapters));
                last[chosen.Name] = [.. peers.Select(rows => rows[^1])];
                missed += Ways.Where((way, i) => !Print($"{chosen.Name}, {way}", AdapterCheck.Likeness(ours[i], peers[i]), AdapterCheck.Likeness(ours[i], peers[(i + 1) % Ways.Length]))).Count();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (record is not null)
        {
            RecordedEmbeddings.Write(record, last);
        }

        Console.Out.WriteLine($"{LlamaPackage.Description}: {missed} missed");
        return missed == 0 ? 0 : 1;
    }

    private static bool Print(string what, double likeness, double another)
    {
        var isOk = likeness >= AdapterCheck.LeastCosine && another < AdapterCheck.LeastCosine;
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-22} least cosine of {AdapterCase.Tokens.Length} rows {likeness:F8}, with another adapter {another:F4}  {(isOk ? "ok" : "MISSED")}"));
        return isOk;
    }
}
