using Parley.Models;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Inference;

/// <summary>What a request for vectors makes of a model's hidden states: how they are pooled, how many elements are kept, the length.</summary>
internal sealed class VectorShape
{
    private readonly VectorRequest _request;

    /// <exception cref="ParleyException">400: the model cannot give such a vector.</exception>
    public VectorShape(VectorRequest request, LoadedModel model)
    {
        _request = request;
        if (request.Dimensions is { } dimensions && (dimensions < 1 || dimensions > model.Config.HiddenSize))
        {
            throw ParleyException.InvalidRequest(
                $"dimensions is {dimensions}; the vectors of '{model.Id}' have {model.Config.HiddenSize} elements, so 1 to {model.Config.HiddenSize} can be kept.",
                "dimensions",
                "invalid_value");
        }

        Pooling = request.Kind switch
        {
            VectorKind.LastEmbedding => Pooling.Last,
            VectorKind.MeanEmbedding => Pooling.Mean,
            VectorKind.FirstEmbedding => Pooling.First,
            VectorKind.Relevance => RankOf(model),
            _ => Usual(model),
        };
    }

    /// <summary>None where a relevance is read from a decoder's log-probabilities.</summary>
    public Pooling Pooling { get; }

    /// <summary>The relevance of a decoder: the geometric mean of the probabilities of the second text's tokens after the first.</summary>
    /// <param name="scores">Of the prompt's tokens from its second on.</param>
    /// <param name="secondFrom">Where the second text begins in the prompt.</param>
    public static float[] Likelihood(IReadOnlyList<TokenScore> scores, int secondFrom) => [(float)Math.Exp(scores.Skip(secondFrom - 1).Average(score => (double)score.LogProbability))];

    /// <summary>A relevance as one number from 0 to 1, or the elements that are kept, of length 1; a vector of zeros stays.</summary>
    public float[] Of(float[] pooled) => Pooling == Pooling.Rank ? [Relevance(pooled)] : Embedding(pooled);

    // One score is a logit; of two classes the second is "relevant".
    private static float Relevance(float[] scores) => (float)(1 / (1 + Math.Exp(scores.Length == 1 ? -(double)scores[0] : (double)scores[0] - scores[1])));

    private static Pooling Usual(LoadedModel model) => model.Config switch
    {
        { Pooling: Pooling.Rank } => throw ParleyException.InvalidRequest(
            $"The model '{model.Id}' is a cross-encoder: it judges pairs and has no embeddings; use /v1/rerank, or ask for pooling cls or mean.", "model"),
        { Pooling: Pooling.None, Causal: true } => Pooling.Last,
        { Pooling: Pooling.None } => Pooling.Mean,
        var config => config.Pooling,
    };

    private static Pooling RankOf(LoadedModel model) => model.Config switch
    {
        { Classes: 1 or 2 } => Pooling.Rank,
        { Classes: 0, Causal: true } => Pooling.None,
        { Classes: 0 } => throw ParleyException.InvalidRequest(
            $"The model '{model.Id}' has no classification head, so it cannot judge pairs; use a cross-encoder or a decoder.", "model"),
        var config => throw ParleyException.InvalidRequest(
            $"The model '{model.Id}' has {config.Classes} classes, and a relevance is of one or two; use another cross-encoder.", "model"),
    };

    private float[] Embedding(float[] pooled)
    {
        var kept = pooled[..(_request.Dimensions ?? pooled.Length)];
        double squares = 0;
        foreach (var value in kept)
        {
            squares += (double)value * value;
        }

        var scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;
        return Array.ConvertAll(kept, value => (float)(value * scale));
    }
}
