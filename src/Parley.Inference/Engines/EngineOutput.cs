using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>What one step gave one sequence: a token, or its end, or both at once.</summary>
public readonly record struct EngineOutput
{
    /// <summary>The choice that the token belongs to.</summary>
    public int Choice { get; init; }

    /// <summary>The sampled token; null when the sequence ended without one (cancelled, or nothing left to produce).</summary>
    public int? Token { get; init; }

    /// <summary>Natural-log probability of the token in the model's own distribution; NaN when not asked for.</summary>
    public float LogProbability { get; init; }

    /// <summary>Natural-log probability under the transformed distribution that it was drawn from; NaN when not asked for.</summary>
    public float SampledLogProbability { get; init; }

    /// <summary>The likeliest tokens of the model's own distribution, best first; null when not asked for.</summary>
    public IReadOnlyList<TokenProbability>? Top { get; init; }

    /// <summary>The prompt's tokens from the second on, on a sequence's first output; null when not asked for.</summary>
    public IReadOnlyList<TokenScore>? Prompt { get; init; }

    /// <summary>The pooled vector of a request that asked for one; comes with the end.</summary>
    public float[]? Vector { get; init; }

    /// <summary>Set on a sequence's last output.</summary>
    public FinishReason? Finish { get; init; }

    /// <summary>How many tokens of the prompt did not have to be computed because the prefix cache held them.</summary>
    public int CachedTokens { get; init; }
}

/// <summary>A token id and its natural-log probability.</summary>
public readonly record struct TokenProbability(int Token, float LogProbability);

/// <summary>A token that stands in a text, its natural-log probability after what is before it, and the likeliest tokens there, best first.</summary>
public readonly record struct TokenScore(int Token, float LogProbability, IReadOnlyList<TokenProbability> Top);
