using System.Text.Json.Serialization;

namespace Parley.Host.Pulling;

/// <summary>One file of a repository.</summary>
/// <param name="Path">With folders, separated by slashes.</param>
/// <param name="Sha256">In hex; null for small files, whose hash the hub does not tell.</param>
internal sealed record HubFile(string Path, long Bytes, string? Sha256)
{
    /// <summary>The last part of the path: what the file is called in the store.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public bool IsAtTop => !Path.Contains('/', StringComparison.Ordinal);
}

/// <summary>An entry of the hub's answer to <c>api/models/REPO/tree/REVISION</c>.</summary>
internal sealed record HubTreeEntry(string Type, string Path, long Size, HubLargeFile? Lfs);

/// <summary>What the hub tells of a large file: its hash and size.</summary>
internal sealed record HubLargeFile(string Oid, long Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubTreeEntry[]))]
internal sealed partial class HubJson : JsonSerializerContext;
