using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Text.Shards;

/// <summary>
/// What a shard set says of itself (<c>manifest.json</c>): which tokenizer made the ids, how many there are, under which
/// licences, and the SHA-256 of every file. It is written last, so a set that has one is complete.
/// </summary>
public sealed record ShardManifest
{
    public const string FileName = "manifest.json";
    public const string CurrentFormat = "parley-shards-1";

    public string Format { get; init; } = CurrentFormat;

    public required string TokenizerHash { get; init; }

    /// <summary>Bytes per id on disk, little-endian: 2 (unsigned) or 4.</summary>
    public required int BytesPerToken { get; init; }

    public required long TokenCount { get; init; }

    public required long DocumentCount { get; init; }

    /// <summary>UTF-8 bytes of the text behind the ids: what bits per byte divides by.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Ids under each licence.</summary>
    public required IReadOnlyDictionary<string, long> TokensByLicence { get; init; }

    public required IReadOnlyList<ShardFile> Shards { get; init; }

    /// <summary>One JSON line for each document, in order.</summary>
    public required ShardFile Documents { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ShardJson.Default.ShardManifest);

    /// <exception cref="InvalidDataException">The manifest is missing or damaged; names the file.</exception>
    public static ShardManifest Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} does not exist: {folder} is not a finished shard set; tokenise the corpus again.");
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ShardJson.Default.ShardManifest);
            if (manifest is { Format: CurrentFormat, BytesPerToken: 2 or 4 })
                return manifest;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is damaged ({error.Message}); tokenise the corpus again.", error);
        }

        throw new InvalidDataException($"{path} is not of format {CurrentFormat}; tokenise the corpus again.");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ShardManifest))]
internal sealed partial class ShardJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ShardDocument))]
internal sealed partial class ShardDocumentJson : JsonSerializerContext;
