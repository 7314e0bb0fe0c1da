using System.CommandLine;
using Parley.Models;

namespace Parley.Host.Verbs;

/// <summary>
/// The verb <c>parley models verify</c>: structure, numbers and, where a manifest is, hashes; one line each and exit code 1 when something is wrong.
/// </summary>
internal static class ModelsVerifyVerb
{
    private const int MostFindings = 10;

    public static Command Create()
    {
        var model = ModelPlace.Argument("model");
        var models = ModelPlace.StoreFolder();
        var command = new Command("verify", "Check a model: structure, every number finite, hashes of the manifest.") { model, models };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var store = ModelPlace.Store(parsed.GetValue(models));
            var named = parsed.GetRequiredValue(model);
            var path = store.Resolve(named).Path;
            var stored = Manifest(store, named);
            var good = true;
            await ProgressView.RunAsync(bytes: true, view => Task.Run(() => good = Verify(path, stored, view, cancellationToken), cancellationToken));
            return good ? 0 : 1;
        });
        return command;
    }

    private static StoredModel? Manifest(ModelStore store, string named) =>
        Directory.Exists(named) && File.Exists(Path.Combine(named, StoredModelManifest.FileName))
            ? new StoredModel(Path.GetFullPath(named), StoredModelManifest.Read(named))
            : Path.Exists(named) ? null : store.Find(named);

    private static bool Verify(string path, StoredModel? stored, ProgressView view, CancellationToken cancellationToken)
    {
        using var container = TensorContainer.Open(path); // every count, range and overlap is checked here
        Line("structure", $"ok, {container.Tensors.Count} tensors in {Files(container.Paths.Count)}, {container.Format}");
        var findings = NumberScan.Run(container, (done, total) => view.Report("numbers", done, total), cancellationToken);
        var unknown = container.Tensors.Count(tensor => tensor.DType is null);
        Line("numbers", findings.Count > 0
            ? $"{findings.Count} tensors hold NaN or infinity"
            : $"ok, no NaN and no infinity{(unknown == 0 ? "" : $"; {unknown} tensors of other types not looked into")}");
        foreach (var finding in findings.Take(MostFindings))
        {
            Console.Out.WriteLine($"           '{finding.Tensor.Name}' ({finding.Tensor.StoredAs}): {finding.Count}, the first at element {finding.FirstElement}");
        }

        return VerifyHashes(path, stored, view, cancellationToken) && findings.Count == 0;
    }

    private static bool VerifyHashes(string path, StoredModel? stored, ProgressView view, CancellationToken cancellationToken)
    {
        try
        {
            if (stored is not null)
            {
                StoreVerification.Run(stored, view.Report, cancellationToken);
                Line("sha-256", $"ok, {Files(stored.Manifest.Files.Count)} as stored on {stored.Manifest.Date:yyyy-MM-dd}");
            }
            else if (File.Exists(Path.Combine(path, CheckpointManifest.FileName)))
            {
                Line("sha-256", $"ok, {Files(Checkpoint.Verify(path).Files.Count)} as the checkpoint says");
            }
            else
            {
                Line("sha-256", "not compared: there is no manifest beside it");
            }

            return true;
        }
        catch (ModelFormatException error)
        {
            Line("sha-256", error.Message);
            return false;
        }
    }

    private static string Files(int count) => count == 1 ? "1 file" : $"{count} files";

    private static void Line(string what, string result) => Console.Out.WriteLine($"{what,-11}{result}");
}
