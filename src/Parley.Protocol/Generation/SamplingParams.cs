namespace Parley.Protocol.Generation;

/// <summary>
/// How the next token is drawn from the logits. Applied in this order: repetition penalty, presence and frequency penalties, biases,
/// temperature, top-k, min-p, top-p, then one draw keyed by (seed, choice, position).
/// </summary>
public sealed record SamplingParams
{
    /// <summary>0 to 2; 0 is argmax (ties: the lowest id).</summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Keep the k most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of tokens whose probability reaches p, in (0, 1]; 1 keeps all.</summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Drop tokens less likely than this fraction of the most likely one, in [0, 1); 0 drops none.</summary>
    public float MinP { get; init; }

    /// <summary>Divide positive and multiply negative logits of tokens already seen; 1 does nothing.</summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>-2 to 2: subtracted once from the logit of every token already generated.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>-2 to 2: subtracted from a logit for each time its token was generated.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to single tokens' logits, each token named once; see <see cref="TokenBias"/>.</summary>
    public IReadOnlyList<TokenBias> LogitBias { get; init; } = [];

    /// <summary>Always set: drawn where the request is built when the caller gave none, so that every answer can be repeated.</summary>
    public required ulong Seed { get; init; }

    /// <summary>A seed for a caller that gave none.</summary>
    public static ulong DrawSeed() => (ulong)Random.Shared.NextInt64();
}

/// <summary>What is added to a token's logit: -100 bans the token, 100 as good as forces it.</summary>
public readonly record struct TokenBias(int Token, float Bias)
{
    /// <summary>Biases lie between this, negated, and this; the least one bans.</summary>
    public const float Largest = 100;
}
