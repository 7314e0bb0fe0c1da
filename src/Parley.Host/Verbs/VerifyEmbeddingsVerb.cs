using System.CommandLine;
using System.Globalization;
using Parley.Host.Benches.Engines;
using Parley.Host.Verification;

namespace Parley.Host.Verbs;

/// <summary><c>parley verify embeddings</c>: vectors of tiny random models against those of llama.cpp, one line a text.</summary>
internal static class VerifyEmbeddingsVerb
{
    public static Command Create()
    {
        var record = new Option<string?>("--record") { Description = "Also write llama.cpp's vectors to this file, which the tests compare with." };
        var command = new Command("embeddings", "Embeddings and pair scores of tiny random models against llama.cpp's.") { record };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(record), cancellationToken));
        return command;
    }

    /// <summary>Exit code 1 when one text is not alike enough.</summary>
    private static async Task<int> RunAsync(string? record, CancellationToken cancellationToken)
    {
        var library = new LlamaLibrary(await LlamaPackage.InstallAsync(cancellationToken));
        var vectors = new Dictionary<string, IReadOnlyList<float[]>>(StringComparer.Ordinal);
        var missed = 0;
        var folder = Directory.CreateTempSubdirectory("parley-embeddings");
        try
        {
            foreach (var chosen in EmbeddingCase.All)
            {
                var path = Path.Combine(folder.FullName, "tiny.gguf");
                TinyModelFile.Write(path, chosen);
                var peers = EmbeddingCheck.Peers(library, chosen, path);
                var ours = await EmbeddingCheck.OursAsync(chosen, path, cancellationToken);
                vectors[chosen.Name] = peers;
                missed += ours.Zip(peers).Select((pair, text) => Print(chosen, text, EmbeddingCheck.Likeness(chosen, pair.First, pair.Second))).Count(isOk => !isOk);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (record is not null)
        {
            RecordedEmbeddings.Write(record, vectors);
        }

        Console.Out.WriteLine($"{LlamaPackage.Description}: {missed} missed");
        return missed == 0 ? 0 : 1;
    }

    private static bool Print(EmbeddingCase chosen, int text, double likeness)
    {
        var isOk = EmbeddingCheck.IsAlike(chosen, likeness);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{chosen.Name,-28} text {text}  {(chosen.IsRank ? "1 - |difference|" : "cosine"),-16} {likeness:F8}  {(isOk ? "ok" : "MISSED")}"));
        return isOk;
    }
}
