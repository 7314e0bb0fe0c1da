using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Logits to one token. Penalties, temperature, top-k, min-p, top-p, then one draw from Philox keyed by (seed, choice, position), so that a
/// token depends on its own sequence alone. All sums run in one fixed order. Keeps scratch memory; one thread only.
/// </summary>
internal sealed class Sampler(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly Candidate[] _candidates = new Candidate[vocabularySize];

    /// <param name="logits">[V], the model's own; not changed.</param>
    /// <param name="request">Sampling parameters, choice, and whether log-probabilities are wanted.</param>
    /// <param name="counts">Tokens already seen, when there are penalties.</param>
    /// <param name="position">Where in prompt and answer the token will stand: the counter of the draw.</param>
    public EngineOutput Sample(ReadOnlySpan<float> logits, EngineRequest request, TokenCounts? counts, int position)
    {
        var transformed = logits;
        if (counts is not null)
        {
            logits.CopyTo(_logits);
            counts.Penalize(_logits, request.Sampling);
            transformed = _logits;
        }

        var best = Argmax(transformed);
        var (token, logProbability) = request.Sampling.Temperature > 0
            ? Draw(transformed, best, request.Sampling, request.Choice, position)
            : (best, 0f);
        return request.TopLogProbabilities is { } wanted
            ? Report(logits, request.Choice, token, logProbability, wanted)
            : new() { Choice = request.Choice, Token = token, LogProbability = float.NaN, SampledLogProbability = float.NaN };
    }

    /// <summary>The index of the largest value, the lowest of equal ones; 0 when all are NaN.</summary>
    internal static int Argmax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best] || float.IsNaN(values[best]))
            {
                best = i;
            }
        }

        return best;
    }

    private EngineOutput Report(ReadOnlySpan<float> logits, int choice, int token, float sampledLogProbability, int wanted)
    {
        var normalizer = LogSoftmax.Normalizer(logits);
        var largest = _candidates.AsSpan(0, Math.Min(wanted, logits.Length));
        LargestValues.Select(logits, largest);
        var top = new TokenProbability[largest.Length];
        for (var i = 0; i < top.Length; i++)
        {
            top[i] = new(largest[i].Token, LogSoftmax.Of(largest[i].Value, normalizer));
        }

        return new()
        {
            Choice = choice,
            Token = token,
            LogProbability = LogSoftmax.Of(logits[token], normalizer),
            SampledLogProbability = sampledLogProbability,
            Top = top,
        };
    }

    private (int Token, float LogProbability) Draw(ReadOnlySpan<float> logits, int best, SamplingParams sampling, int choice, int position)
    {
        var weights = _weights.AsSpan(0, logits.Length);
        LogSoftmax.Weights(logits, logits[best], sampling.Temperature, weights);
        var uniform = Philox.Uniform(sampling.Seed, (ulong)choice, (ulong)position);
        var cutsTopK = sampling.TopK > 0 && sampling.TopK < logits.Length;
        if (!cutsTopK && sampling.TopP >= 1 && sampling.MinP <= 0)
        {
            return DrawFromAll(weights, uniform, best);
        }

        double total;
        var kept = cutsTopK ? KeepLargest(weights, sampling, out total) : KeepLikely(weights, sampling, out total);
        return DrawFrom(CutTopP(kept, sampling.TopP * total), uniform, best);
    }

    private Span<Candidate> KeepLargest(ReadOnlySpan<float> weights, SamplingParams sampling, out double total)
    {
        var kept = _candidates.AsSpan(0, sampling.TopK);
        LargestValues.Select(weights, kept);
        var count = kept.Length;
        while (count > 1 && kept[count - 1].Value < sampling.MinP)
        {
            count--;
        }

        total = Total(kept[..count]);
        return kept[..count];
    }

    // Sorting a whole vocabulary for top-p is slow. Tokens lighter than the tail's weight divided by V cannot reach the tail's weight
    // even all together, so none of them is in the nucleus, and only the others are sorted. A weight is relative to the best token's.
    private Span<Candidate> KeepLikely(ReadOnlySpan<float> weights, SamplingParams sampling, out double total)
    {
        total = 0;
        foreach (var weight in weights)
        {
            total += weight >= sampling.MinP ? weight : 0;
        }

        // One half leaves room for the rounding of the sums.
        var floor = Math.Max(sampling.MinP, (1 - (double)sampling.TopP) * 0.5 * total / weights.Length);
        var count = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] >= floor)
            {
                _candidates[count++] = new(i, weights[i]);
            }
        }

        var kept = _candidates.AsSpan(0, count);
        kept.Sort();
        return kept;
    }

    // The smallest number of best tokens that weighs at least the goal.
    private static Span<Candidate> CutTopP(Span<Candidate> kept, double goal)
    {
        double sum = 0;
        for (var i = 0; i < kept.Length; i++)
        {
            sum += kept[i].Value;
            if (sum >= goal)
            {
                return kept[..(i + 1)];
            }
        }

        return kept;
    }

    private static (int Token, float LogProbability) DrawFrom(ReadOnlySpan<Candidate> kept, float uniform, int best)
    {
        var total = Total(kept);
        var goal = uniform * total;
        double sum = 0;
        foreach (var candidate in kept)
        {
            sum += candidate.Value;
            if (sum > goal)
            {
                return (candidate.Token, (float)Math.Log(candidate.Value / total));
            }
        }

        return (best, 0f);
    }

    private static (int Token, float LogProbability) DrawFromAll(ReadOnlySpan<float> weights, float uniform, int best)
    {
        double total = 0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var goal = uniform * total;
        double sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            if (sum > goal)
            {
                return (i, (float)Math.Log(weights[i] / total));
            }
        }

        return (best, 0f);
    }

    private static double Total(ReadOnlySpan<Candidate> kept)
    {
        double total = 0;
        foreach (var candidate in kept)
        {
            total += candidate.Value;
        }

        return total;
    }
}
