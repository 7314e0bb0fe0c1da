using Parley.Protocol.Generation;
using Parley.Tensors;

namespace Parley.Inference;

/// <summary>
/// Logits to one token. Penalties, biases, temperature, top-k, min-p, top-p, then one draw from Philox keyed by (seed, choice, position), so that a
/// token depends on its own sequence alone. All sums run in one fixed order; nothing is sorted whole. Keeps scratch memory; one thread only.
/// </summary>
internal sealed class Sampler(int vocabularySize)
{
    private readonly double[] _sums = new double[RowWeights.Pieces(vocabularySize)];
    private readonly float[] _piece = new float[RowWeights.Piece];

    // Taken when a request first needs them: greedy and plain sampling of large vocabularies get by without.
    private float[] _logits = [];
    private float[] _weights = [];
    private Candidate[] _candidates = [];

    /// <param name="logits">[V], the model's own; not changed.</param>
    /// <param name="request">Sampling parameters, choice, and whether log-probabilities are wanted.</param>
    /// <param name="counts">Tokens already seen, when there are penalties.</param>
    /// <param name="position">Where in prompt and answer the token will stand: the counter of the draw.</param>
    /// <param name="constraint">Which tokens may come, when not all may.</param>
    public EngineOutput Sample(ReadOnlySpan<float> logits, EngineRequest request, TokenCounts? counts, int position, TokenConstraint? constraint = null)
    {
        var transformed = logits;
        var biases = request.Sampling.LogitBias;
        var firstAllowed = 0;
        if (counts is not null || biases.Count > 0 || constraint is not null)
        {
            logits.CopyTo(Ensure(ref _logits));
            counts?.Penalize(_logits, request.Sampling);
            AddBiases(_logits, biases);
            firstAllowed = constraint?.Mask(_logits) ?? 0;
            transformed = _logits;
        }

        var (best, largest) = RowMaximum.Find(transformed);
        best = float.IsNegativeInfinity(largest) ? firstAllowed : best;
        var (token, logProbability) = request.Sampling.Temperature > 0 && !float.IsNegativeInfinity(largest)
            ? Draw(transformed, new(best, largest), request.Sampling, request.Choice, position)
            : (best, 0f);
        return request.TopLogProbabilities is { } wanted
            ? Report(logits, request.Choice, token, logProbability, wanted)
            : new() { Choice = request.Choice, Token = token, LogProbability = float.NaN, SampledLogProbability = float.NaN };
    }

    private EngineOutput Report(ReadOnlySpan<float> logits, int choice, int token, float sampledLogProbability, int wanted)
    {
        var score = Score(logits, token, wanted);
        return new()
        {
            Choice = choice,
            Token = token,
            LogProbability = score.LogProbability,
            SampledLogProbability = sampledLogProbability,
            Top = score.Top,
        };
    }

    /// <summary>How likely a token is in the model's own distribution, and which are likeliest.</summary>
    /// <param name="logits">[V]</param>
    /// <param name="wanted">How many of the likeliest; no more than there are.</param>
    public TokenScore Score(ReadOnlySpan<float> logits, int token, int wanted)
    {
        var normalizer = LogSoftmax.Normalizer(logits);
        var largest = Ensure(ref _candidates).AsSpan(0, Math.Min(wanted, logits.Length));
        LargestValues.Select(logits, largest);
        var top = new TokenProbability[largest.Length];
        for (var i = 0; i < top.Length; i++)
        {
            top[i] = new(largest[i].Token, LogSoftmax.Of(largest[i].Value, normalizer));
        }

        return new(token, LogSoftmax.Of(logits[token], normalizer), top);
    }

    private static void AddBiases(Span<float> logits, IReadOnlyList<TokenBias> biases)
    {
        for (var i = 0; i < biases.Count; i++)
        {
            var (token, bias) = biases[i];
            logits[token] += bias > -TokenBias.Largest ? bias : float.NegativeInfinity;
        }
    }

    private (int Token, float LogProbability) Draw(
        ReadOnlySpan<float> logits, Candidate best, SamplingParams sampling, int choice, int position)
    {
        var uniform = Philox.Uniform(sampling.Seed, (ulong)choice, (ulong)position);
        if (sampling.TopK > 0 && sampling.TopK < logits.Length)
        {
            return DrawFrom(KeepLargest(logits, best.Value, sampling), uniform, best.Token);
        }

        return sampling.TopP >= 1 && sampling.MinP <= 0
            ? DrawFromAll(logits, best, sampling.Temperature, uniform)
            : DrawFrom(KeepLikely(logits, best.Value, sampling), uniform, best.Token);
    }

    private Span<Candidate> KeepLargest(ReadOnlySpan<float> logits, float largest, SamplingParams sampling)
    {
        var kept = Ensure(ref _candidates).AsSpan(0, sampling.TopK);
        LargestValues.Select(logits, kept);
        var weights = Ensure(ref _weights).AsSpan(0, kept.Length);
        for (var i = 0; i < kept.Length; i++)
        {
            weights[i] = kept[i].Value;
        }

        LogSoftmax.Weights(weights, largest, sampling.Temperature, weights);
        var count = 0;
        while (count < kept.Length && (count == 0 || weights[count] >= sampling.MinP))
        {
            kept[count] = new(kept[count].Token, weights[count]);
            count++;
        }

        return CutTopP(kept[..count], sampling.TopP, Nucleus.Weight(kept[..count]));
    }

    // Only tokens above some floor are looked at; a weight is relative to the best token's. Tokens lighter than the tail's weight divided by V cannot
    // reach the tail's weight even all together, so none of them is in the nucleus; mostly a far higher floor leaves enough already.
    private Span<Candidate> KeepLikely(ReadOnlySpan<float> logits, float largest, SamplingParams sampling)
    {
        var weights = Ensure(ref _weights).AsSpan(0, logits.Length);
        var total = RowWeights.Sum(logits, largest, sampling.Temperature, _sums, weights);
        var candidates = Ensure(ref _candidates);
        if (sampling.MinP > 0)
        {
            var likely = candidates.AsSpan(0, RowWeights.AtLeast(weights, sampling.MinP, candidates));
            return CutTopP(likely, sampling.TopP, Nucleus.Weight(likely));
        }

        // One half leaves room for the rounding of the sums.
        var lowest = (1 - (double)sampling.TopP) * 0.5 * total / weights.Length;
        for (var floor = 1.0 / 64; ; floor /= 16)
        {
            var kept = candidates.AsSpan(0, RowWeights.AtLeast(weights, (float)Math.Max(floor, lowest), candidates));
            if (floor <= lowest || Nucleus.Weight(kept) >= sampling.TopP * total)
            {
                return CutTopP(kept, sampling.TopP, total);
            }
        }
    }

    private static Span<Candidate> CutTopP(Span<Candidate> kept, float topP, double total) =>
        topP >= 1 ? kept : Nucleus.Select(kept, topP * total);

    private static (int Token, float LogProbability) DrawFrom(ReadOnlySpan<Candidate> kept, float uniform, int best)
    {
        var total = Nucleus.Weight(kept);
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

    // The pieces say in which of them the draw falls, so only that one's weights are looked at singly.
    private (int Token, float LogProbability) DrawFromAll(ReadOnlySpan<float> logits, Candidate best, float temperature, float uniform)
    {
        var total = RowWeights.Sum(logits, best.Value, temperature, _sums);
        var goal = uniform * total;
        var piece = 0;
        while (piece < _sums.Length - 1 && _sums[piece] <= goal)
        {
            goal -= _sums[piece++];
        }

        var start = piece * RowWeights.Piece;
        var part = logits[start..Math.Min(logits.Length, start + RowWeights.Piece)];
        LogSoftmax.Weights(part, best.Value, temperature, _piece);
        var (token, weight) = (best.Token, 1f);
        for (var i = 0; i < part.Length && goal >= 0; i++)
        {
            // The last possible token stands in when rounding puts the goal past the end of the piece.
            if (_piece[i] > 0)
            {
                (token, weight, goal) = (start + i, _piece[i], goal - _piece[i]);
            }
        }

        return (token, (float)Math.Log(weight / total));
    }

    private T[] Ensure<T>(ref T[] scratch) => scratch.Length > 0 ? scratch : scratch = new T[vocabularySize];
}
