using Parley.Inference;
using Parley.Training.Evaluation.Results;

namespace Parley.Training.Evaluation.Scoring;

/// <summary>
/// How well a model predicts whole texts, nats / (ln 2 * bytes), in windows that lie end to end: the first token of each is predicted from
/// the one before it, that of a text from the token that begins a document (the harness's rolling log-likelihood). Every token is scored
/// once.
/// </summary>
public sealed class TextBits(LoadedModel model, LikelihoodScorer scorer)
{
    /// <param name="documents">The ids of each text.</param>
    /// <param name="atOnce">Windows under way at once; changes no bit.</param>
    /// <param name="seed">Of the bootstrap over windows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">There is no text.</exception>
    public async Task<MetricResult> MeasureAsync(IEnumerable<int[]> documents, int atOnce, ulong seed, CancellationToken cancellationToken)
    {
        int[][] windows = [.. documents.SelectMany(Windows)];
        if (windows.Length == 0) throw new InvalidDataException("The texts have no token to predict; name files with text.");
        var terms = new (double Nats, double Bytes)[windows.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, windows.Length, options, async (i, token) =>
        {
            var scores = await scorer.TokensAsync(windows[i], 1, 0, token);
            terms[i] = (-scores.Sum(score => (double)score.LogProbability), windows[i].Skip(1).Sum(id => model.Tokenizer.TokenBytes(id).Length));
        });
        return MetricResult.Bootstrap("bits_per_byte", terms, (nats, bytes) => nats / (Math.Log(2) * Math.Max(1, bytes)), isHigherBetter: false, seed);
    }

    private IEnumerable<int[]> Windows(int[] document)
    {
        var before = EncodedPair.Start(model);
        foreach (var chunk in document.Chunk(scorer.MostTokens - 1))
        {
            yield return [before, .. chunk];
            before = chunk[^1];
        }
    }
}
