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
            _ => Pooling.Last,
        };
    }

    public Pooling Pooling { get; }

    /// <summary>The elements that are kept, of length 1; a vector of zeros stays.</summary>
    public float[] Of(float[] pooled)
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
