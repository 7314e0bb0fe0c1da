namespace Parley.Protocol.Accounting;

/// <summary>One request's line in the ledger: written once, when it is settled. Tokens equal what the engine produced.</summary>
public sealed record LedgerEntry
{
    public required Guid GenerationId { get; init; }

    public string ProjectId { get; init; } = Identity.Local;

    public string UserId { get; init; } = Identity.Local;

    public Guid? KeyId { get; init; }

    public required string Model { get; init; }

    public required string ModelVersion { get; init; }

    public required int PromptTokens { get; init; }

    public required int OutputTokens { get; init; }

    public int CachedTokens { get; init; }

    /// <summary>Micro-units of the installation's currency; 0 where no price is set.</summary>
    public long Cost { get; init; }

    /// <summary>completed, cancelled or failed.</summary>
    public required string Outcome { get; init; }

    /// <summary>A JSON object of the parameters that were accepted without effect (user, metadata ...); null where there were none.</summary>
    public string? Recorded { get; init; }

    /// <summary>UTC microseconds since 1970.</summary>
    public required long StartedAt { get; init; }

    public required long SettledAt { get; init; }
}
