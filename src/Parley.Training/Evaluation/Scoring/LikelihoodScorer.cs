using Parley.Inference;
using Parley.Protocol.Generation;
using Parley.Tensors;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Training.Evaluation.Scoring;

/// <summary>
/// Log-likelihoods from a serving engine: ragged batches on all threads, and what the answers to one question share is computed once (the
/// prefix cache). A score is the same to the bit whatever else runs; it knows pairs of texts, not tasks.
/// </summary>
public sealed class LikelihoodScorer(LoadedModel model, Engine engine)
{
    /// <summary>Tokens that a scored text may have.</summary>
    public int MostTokens => engine.ContextLength - 1;

    /// <summary>Scores the answers to one question; many calls may run at once.</summary>
    /// <param name="pairs">At least one.</param>
    /// <param name="needsGreedy">Whether <see cref="PairScore.IsGreedy"/> is wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PairScore[]> ScoreAsync(IReadOnlyList<TextPair> pairs, bool needsGreedy, CancellationToken cancellationToken)
    {
        EncodedPair[] encoded = [.. pairs.Select(pair => EncodedPair.Of(pair, model, MostTokens))];
        var scores = new PairScore[encoded.Length];
        async Task Score(int i)
        {
            var tokens = await TokensAsync(encoded[i].Ids, encoded[i].From, needsGreedy ? 1 : 0, cancellationToken);
            scores[i] = Sum(tokens, encoded[i], needsGreedy);
        }

        // The first leaves its blocks behind for the others; where there is no whole block to share nobody waits.
        var shares = encoded.Length > 1 && encoded.Skip(1).All(other => other.SharedWith(encoded[0]) >= KVCache.BlockSize);
        if (shares) await Score(0);
        await Task.WhenAll(Enumerable.Range(shares ? 1 : 0, encoded.Length - (shares ? 1 : 0)).Select(Score));
        return scores;
    }

    /// <summary>The scores of a text's tokens from one on.</summary>
    /// <param name="ids">At least two, at most <see cref="MostTokens"/>.</param>
    /// <param name="from">The first that is scored, at least 1.</param>
    /// <param name="alternatives">Likeliest tokens to report at each place.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<TokenScore>> TokensAsync(int[] ids, int from, int alternatives, CancellationToken cancellationToken)
    {
        var request = new EngineRequest
        {
            Prompt = ids,
            Sampling = new SamplingParams { Seed = 0, Temperature = 0 },
            MaxOutputTokens = 0,
            PromptLogProbabilities = alternatives,
            PromptScoresFrom = from,
        };
        var outputs = engine.Submit(request);
        using var cancellation = cancellationToken.UnsafeRegister(_ => engine.Cancel(request.Id), null);
        IReadOnlyList<TokenScore>? scores = null;
        await foreach (var output in outputs.ReadAllAsync(CancellationToken.None)) scores ??= output.Prompt;
        cancellationToken.ThrowIfCancellationRequested();
        return scores ?? throw new InvalidOperationException("The engine stopped before it had scored a text.");
    }

    private static PairScore Sum(IReadOnlyList<TokenScore> tokens, EncodedPair pair, bool needsGreedy)
    {
        var (sum, isGreedy) = (0.0, needsGreedy);
        foreach (var token in tokens)
        {
            sum += token.LogProbability;
            isGreedy &= token.Top.Count > 0 && token.Top[0].Token == token.Token;
        }

        return new(sum, isGreedy, pair.IsTruncated);
    }
}
