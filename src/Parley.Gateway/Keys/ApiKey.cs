using Parley.Protocol;

namespace Parley.Gateway.Keys;

/// <summary>A key as it is stored: a hash and the first characters, never the key itself.</summary>
public sealed class ApiKey
{
    public const int MaxNameLength = 100;

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The key's first characters, to recognise it by.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole key, in lower-case hex. The key is 256 random bits, so no slow hash is needed.</summary>
    public required string Hash { get; init; }

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    /// <summary>UTC microseconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>UTC microseconds; null while the key is valid.</summary>
    public long? RevokedAt { get; set; }
}
