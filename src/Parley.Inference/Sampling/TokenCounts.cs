using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>
/// Which tokens a sequence has seen and how often it generated each: what the penalties need. Kept only for sequences that have penalties.
/// </summary>
internal sealed class TokenCounts
{
    private readonly Dictionary<int, int> _generated = []; // 0 for a token of the prompt alone

    /// <summary>The counts of a request's prompt and resumed tokens; null when it has no penalties.</summary>
    public static TokenCounts? For(EngineRequest request)
    {
        var sampling = request.Sampling;
        if (sampling is { RepetitionPenalty: 1f, PresencePenalty: 0f, FrequencyPenalty: 0f })
        {
            return null;
        }

        var counts = new TokenCounts();
        foreach (var token in request.Prompt.Span)
        {
            counts._generated.TryAdd(token, 0);
        }

        foreach (var token in request.ResumeFrom.Span)
        {
            counts.AddGenerated(token);
        }

        return counts;
    }

    /// <summary>Makes room for tokens to come, so that adding them takes no memory; beyond some thousands it grows as needed.</summary>
    public void Reserve(int tokens) => _generated.EnsureCapacity(_generated.Count + Math.Min(tokens, 4096));

    public void AddGenerated(int token) => _generated[token] = _generated.GetValueOrDefault(token) + 1;

    /// <summary>Applies repetition, presence and frequency penalties in place, as <see cref="SamplingParams"/> defines them.</summary>
    public void Penalize(Span<float> logits, SamplingParams sampling)
    {
        foreach (var (token, count) in _generated)
        {
            ref var logit = ref logits[token];
            logit = logit > 0 ? logit / sampling.RepetitionPenalty : logit * sampling.RepetitionPenalty;
            if (count > 0)
            {
                logit -= sampling.PresencePenalty + sampling.FrequencyPenalty * count;
            }
        }
    }
}
