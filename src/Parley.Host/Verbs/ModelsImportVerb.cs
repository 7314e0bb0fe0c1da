using System.CommandLine;
using System.Globalization;
using Parley.Models;

namespace Parley.Host.Verbs;

/// <summary>The verb <c>parley models import SRC</c>: a model from elsewhere on this machine becomes a stored one.</summary>
internal static class ModelsImportVerb
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "A .gguf file (or any of its shards), or a folder with config.json and safetensors." };
        var name = new Option<string?>("--name") { Description = "What to call it; default: the file's or folder's name." };
        var models = ModelPlace.StoreFolder();
        var command = new Command("import", "Copy a model into the store, with a manifest of hashes.") { source, name, models };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var store = ModelPlace.Store(parsed.GetValue(models));
            StoredModel? stored = null;
            await ProgressView.RunAsync(bytes: true, view => Task.Run(
                () => stored = new ModelImport(store, TimeProvider.System) { Progress = view.Report }
                    .Copy(parsed.GetRequiredValue(source), parsed.GetValue(name), cancellationToken),
                cancellationToken));
            Console.Out.WriteLine(Stored(stored!));
            return 0;
        });
        return command;
    }

    /// <summary>What a person does next.</summary>
    public static string Stored(StoredModel model) => string.Create(
        CultureInfo.InvariantCulture,
        $"Stored '{model.Manifest.Name}' ({(model.Manifest.Files.Count == 1 ? "1 file" : $"{model.Manifest.Files.Count} files")}, {model.Manifest.Bytes / 1e6:F1} MB) in {model.Folder}\nServe it with: parley serve --model {model.Manifest.Name}");
}
