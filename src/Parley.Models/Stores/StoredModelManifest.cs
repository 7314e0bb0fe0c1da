using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Models;

/// <summary>
/// parley-model.json: what a stored model is called, where it came from, and its files with their hashes. It is written last,
/// so its presence means that the model is complete.
/// </summary>
public sealed record StoredModelManifest
{
    public const string FileName = "parley-model.json";
    private const string CurrentFormat = "parley-model";
    private const int CurrentVersion = 1;
    private const int MaximumBytes = 1 << 20;

    public string Format { get; init; } = CurrentFormat;

    public int Version { get; init; } = CurrentVersion;

    public required string Name { get; init; }

    /// <summary>A path, or hf:OWNER/NAME@REVISION.</summary>
    public required string Source { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The file that opens the model; null when the folder itself does.</summary>
    public string? Entry { get; init; }

    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    [JsonIgnore]
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <exception cref="ModelFormatException">It is missing, damaged or of another version.</exception>
    public static StoredModelManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw ModelFormatException.At(path, null, null, "is missing: this folder is no stored model. Import or pull the model again.");
        }

        try
        {
            var manifest = new FileInfo(path).Length <= MaximumBytes
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StoreJson.Default.StoredModelManifest)
                : null;
            return Check(manifest ?? throw Damaged(path, null, null), path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Damaged(path, null, error);
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StoreJson.Default.StoredModelManifest);

    private static StoredModelManifest Check(StoredModelManifest manifest, string path)
    {
        if (manifest.Format != CurrentFormat || manifest.Version != CurrentVersion)
        {
            throw ModelFormatException.At(path, "format", null, $"is not {CurrentFormat} version {CurrentVersion}. Use the version of Parley that wrote it, or import the model again.");
        }

        // Names lead to files: none may leave the folder.
        string?[] names = [manifest.Entry, .. manifest.Files.Select(file => file.Name)];
        return names.OfType<string>().All(ModelStore.IsPlainFileName) ? manifest : throw Damaged(path, "files", null);
    }

    private static ModelFormatException Damaged(string path, string? field, Exception? error) =>
        ModelFormatException.At(path, field, null, "is damaged. Import or pull the model again.", error);
}

/// <summary>One file of a stored model.</summary>
/// <param name="Sha256">In hex.</param>
public sealed record StoredFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(StoredModelManifest))]
internal sealed partial class StoreJson : JsonSerializerContext;
