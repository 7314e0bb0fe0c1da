using System.Text.Json.Serialization;
using Parley.Protocol.Accounting;

namespace Parley.Gateway.Accounting;

/// <summary>Payload of generation.completed, generation.cancelled and generation.failed, version 1. Ids and numbers, no text.</summary>
internal sealed record GenerationEnded(
    string Model, string ModelVersion, Guid? KeyId, int PromptTokens, int OutputTokens, int CachedTokens, long Cost, long DurationMicroseconds)
{
    public static GenerationEnded Of(LedgerEntry entry) => new(
        entry.Model,
        entry.ModelVersion,
        entry.KeyId,
        entry.PromptTokens,
        entry.OutputTokens,
        entry.CachedTokens,
        entry.Cost,
        entry.SettledAt - entry.StartedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GenerationEnded))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class GatewayJson : JsonSerializerContext;
