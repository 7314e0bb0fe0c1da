using System.Text.Json.Serialization;

namespace Parley.Protocol.Generation;

/// <summary>
/// One entry of a generation's append-only log. Sequence numbers start at 1 and have no gaps. The order of kinds is
/// Started, then Delta (any number), then one Finished per choice, then exactly one of Completed or Failed.
/// </summary>
public sealed record GenerationEvent
{
    public required Guid Generation { get; init; }

    public required long Sequence { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] // written even where defaults are left out: it is required
    public required GenerationEventKind Kind { get; init; }

    /// <summary>Which of the wanted answers this belongs to, from 0.</summary>
    public int Choice { get; init; }

    /// <summary>Which item of the output (message, tool call ...) this belongs to, from 0.</summary>
    public int OutputItem { get; init; }

    /// <summary>Delta: text that is safe to show. May be empty when the tokens do not yet make whole characters.</summary>
    public string Text { get; init; } = "";

    /// <summary>Delta: what the model thinks before it answers, where its template keeps that apart; null: nothing.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Delta: pieces of calls to the request's tools; null: none.</summary>
    public IReadOnlyList<ToolCallDelta>? ToolCalls { get; init; }

    /// <summary>Delta: the tokens sampled since the last event of this choice, exactly as the engine produced them.</summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <summary>
    /// Delta: when the request asked for log-probabilities, one entry for each token whose text is shown by now. What ends an answer (an end token, a stop
    /// string), what is thought and what is a call has none; with an echoed prompt they are the prompt's.
    /// </summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities { get; init; }

    /// <summary>Delta: the vector of the choice's input, when the request asked for vectors.</summary>
    public IReadOnlyList<float>? Vector { get; init; }

    /// <summary>Started and Completed, Failed: the tokens counted so far; the prompt count is exact from Started on.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Started: the identity (weights id) of the model version that answers.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Finished: why this choice ended.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>Failed: what went wrong, in OpenAI's error shape.</summary>
    public Errors.ParleyError? Error { get; init; }
}

public enum GenerationEventKind
{
    Started,
    Delta,
    Finished,
    Completed,
    Failed,
}

public enum FinishReason
{
    /// <summary>The model ended its turn or a stop string or token was met.</summary>
    Stop,

    /// <summary>The model calls tools and waits for their results.</summary>
    ToolCalls,

    /// <summary>The token limit or the end of the context was reached.</summary>
    Length,

    /// <summary>The caller left or pressed stop.</summary>
    Cancelled,
}

/// <summary>
/// A token, its text and its natural-log probability under the unmodified distribution, with the likeliest alternatives. The first token of a prompt
/// follows nothing: its log-probability is not a number.
/// </summary>
public sealed record TokenLogProbability(int TokenId, string Text, float LogProbability, IReadOnlyList<TokenLogProbability> Top)
{
    /// <summary>The token's bytes, which need not be whole characters; null for a control token.</summary>
    public IReadOnlyList<byte>? Bytes { get; init; }
}

/// <summary>A piece of a call: the first of each call has its id and the function's name, all of them together its arguments as JSON.</summary>
/// <param name="Index">Which call of the answer, from 0.</param>
public sealed record ToolCallDelta(int Index, string? Id, string? Name, string Arguments);

/// <summary>
/// Tokens as the engine counted them. <paramref name="CachedTokens"/> of the prompt came from a prefix cache, <paramref name="ReasoningTokens"/> of the
/// output were thought, not said.
/// </summary>
public sealed record Usage(int PromptTokens, int OutputTokens, int CachedTokens = 0, int ReasoningTokens = 0)
{
    public int TotalTokens => PromptTokens + OutputTokens;
}
