using System.Text.Json.Serialization;

namespace Parley.Protocol.OpenAI;

/// <summary>The answer of <c>POST /v1/chat/completions</c> in one piece.</summary>
public sealed record ChatCompletion(
    string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<ChatChoice> Choices, UsageObject Usage);

public sealed record ChatChoice(int Index, ChatAnswer Message, ChatLogProbabilities? Logprobs, string? FinishReason);

/// <param name="Content">Null when the answer is calls and nothing else.</param>
public sealed record ChatAnswer(string Role, string? Content, string? Refusal = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCallObject>? ToolCalls { get; init; }
}

/// <summary>One piece of a streamed answer. <see cref="Usage"/> is set in the last piece only, when the caller asked for it.</summary>
public sealed record ChatCompletionChunk(string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<ChunkChoice> Choices)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UsageObject? Usage { get; init; }
}

public sealed record ChunkChoice(int Index, ChunkDelta Delta, ChatLogProbabilities? Logprobs, string? FinishReason);

public sealed record ChunkDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCallObject>? ToolCalls { get; init; }
}
