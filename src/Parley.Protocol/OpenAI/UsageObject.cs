using Parley.Protocol.Generation;

namespace Parley.Protocol.OpenAI;

/// <summary>Token counts as OpenAI names them.</summary>
public sealed record UsageObject(
    int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails, CompletionTokensDetails CompletionTokensDetails)
{
    public static UsageObject Of(Usage usage) => new(
        usage.PromptTokens,
        usage.OutputTokens,
        usage.TotalTokens,
        new PromptTokensDetails(usage.CachedTokens),
        new CompletionTokensDetails(usage.ReasoningTokens));
}

public sealed record PromptTokensDetails(int CachedTokens);

public sealed record CompletionTokensDetails(int ReasoningTokens);
