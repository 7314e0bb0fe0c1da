namespace Parley.Models;

/// <summary>Which files a model at some place consists of: all shards of a GGUF file, or the weights, configuration, tokenizer and template of a folder.</summary>
/// <param name="Entry">The file that opens the model; null when the folder does.</param>
/// <param name="Paths">All files, the large ones last.</param>
public sealed record ModelSourceFiles(string? Entry, IReadOnlyList<string> Paths)
{
    private const string ConfigFile = "config.json";

    // Small files that say how the weights are to be used; other weights (.bin, .onnx, .gguf beside .safetensors) stay behind.
    private static readonly string[] Extensions = [".json", ".jinja", ".txt", ".model"];
    private static readonly string[] Names = ["README.md", "LICENSE", "LICENSE.md", "NOTICE"];

    /// <summary>Opens the weights of a file or folder, so that what is damaged is refused before anything is copied.</summary>
    /// <exception cref="ModelFormatException">It is no model, or a damaged one.</exception>
    public static ModelSourceFiles Of(string path)
    {
        if (Directory.Exists(path))
        {
            return OfFolder(path);
        }

        using var reader = GgufReader.Open(path);
        return new ModelSourceFiles(Path.GetFileName(reader.Path), [.. reader.Paths]);
    }

    /// <summary>True for a file beside the weights that belongs to the model.</summary>
    public static bool IsSmallFile(string name) =>
        name != StoredModelManifest.FileName && (Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) || Names.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static ModelSourceFiles OfFolder(string folder)
    {
        if (Directory.EnumerateFiles(folder, "*.gguf").Order(StringComparer.Ordinal).ToArray() is [var first, ..] files && !File.Exists(Path.Combine(folder, ConfigFile)))
        {
            var only = Of(first);
            return files.Length == only.Paths.Count
                ? only
                : throw ModelFormatException.At(folder, null, null, $"holds {files.Length} .gguf files. Name the one that you mean.");
        }

        if (!File.Exists(Path.Combine(folder, ConfigFile)))
        {
            throw ModelFormatException.At(Path.Combine(folder, ConfigFile), null, null, "is missing, so the folder is no model. Give a .gguf file or a folder with config.json and safetensors.");
        }

        using var reader = SafetensorsReader.Open(folder);
        var weights = reader.Paths.ToArray();
        var others = Directory.EnumerateFiles(folder).Where(path => IsSmallFile(Path.GetFileName(path)) || IsOptimizer(path)).Order(StringComparer.Ordinal);
        return new ModelSourceFiles(null, [.. others, .. weights]);
    }

    // A checkpoint's own manifest lists it, and without it the checkpoint would count as damaged.
    private static bool IsOptimizer(string path) => Path.GetFileName(path) == Checkpoint.OptimizerFile;
}
