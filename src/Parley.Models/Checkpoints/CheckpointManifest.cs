using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Models;

/// <summary>
/// manifest.json: the files of a checkpoint with their hashes, and its lineage. It is written last, so its presence means
/// that the checkpoint is complete; it carries a hash of itself, so a flipped bit in the lineage is found too.
/// </summary>
public sealed record CheckpointManifest
{
    public const string FileName = "manifest.json";
    private const string CurrentFormat = "parley-checkpoint";
    private const int CurrentVersion = 1;
    private const int MaximumBytes = 1 << 20;

    public required string Format { get; init; }

    public required int Version { get; init; }

    /// <summary><see cref="Decoder.WeightsId"/> of the weights.</summary>
    public required string WeightsId { get; init; }

    public required CheckpointLineage Lineage { get; init; }

    public required IReadOnlyList<CheckpointFile> Files { get; init; }

    /// <summary>SHA-256 of this manifest with this field empty.</summary>
    public required string ManifestSha256 { get; init; }

    internal static CheckpointManifest Create(string weightsId, CheckpointLineage lineage, IReadOnlyList<CheckpointFile> files)
    {
        var manifest = new CheckpointManifest
        {
            Format = CurrentFormat,
            Version = CurrentVersion,
            WeightsId = weightsId,
            Lineage = lineage,
            Files = files,
            ManifestSha256 = "",
        };
        return manifest with { ManifestSha256 = manifest.OwnHash() };
    }

    /// <exception cref="ModelFormatException">The folder has no manifest, or a damaged or foreign one.</exception>
    internal static CheckpointManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var manifest = JsonSerializer.Deserialize(ReadBytes(path), CheckpointJson.Default.CheckpointManifest);
            return Check(manifest ?? throw Damaged(path), path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Damaged(path, error);
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CheckpointJson.Default.CheckpointManifest);

    private static byte[] ReadBytes(string path)
    {
        if (!File.Exists(path))
        {
            var problem = Directory.Exists(Path.GetDirectoryName(path)) ? "is missing: the checkpoint was never finished" : "is missing: there is no such folder";
            throw ModelFormatException.At(path, null, null, $"{problem}. Use another checkpoint.");
        }

        return new FileInfo(path).Length <= MaximumBytes ? File.ReadAllBytes(path) : throw Damaged(path);
    }

    private static CheckpointManifest Check(CheckpointManifest manifest, string path)
    {
        if (!string.Equals(manifest.Format, CurrentFormat, StringComparison.Ordinal) || manifest.Version != CurrentVersion)
        {
            throw ModelFormatException.At(
                path, "format", null, $"is not {CurrentFormat} version {CurrentVersion}. Use the version of Parley that wrote it, or another checkpoint.");
        }

        if (!string.Equals(manifest.ManifestSha256, manifest.OwnHash(), StringComparison.Ordinal))
        {
            throw Damaged(path);
        }

        return manifest;
    }

    private static ModelFormatException Damaged(string path, Exception? error = null) =>
        ModelFormatException.At(path, null, null, "is damaged. Restore the checkpoint from a copy or use an earlier one.", error);

    private string OwnHash() => Convert.ToHexStringLower(SHA256.HashData((this with { ManifestSha256 = "" }).ToJson()));
}

/// <summary>One file of a checkpoint.</summary>
public sealed record CheckpointFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    NewLine = "\n",
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
