using System.Text.Json.Serialization;

namespace Parley.Protocol.OpenAI;

/// <summary>The answer of <c>POST /v1/completions</c>; its pieces have the same shape when it is streamed.</summary>
public sealed record Completion(
    string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<CompletionChoice> Choices)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsageObject? Usage { get; init; }
}

public sealed record CompletionChoice(int Index, string Text, CompletionLogProbabilities? Logprobs, string? FinishReason);
