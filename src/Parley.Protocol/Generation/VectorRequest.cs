namespace Parley.Protocol.Generation;

/// <summary>What is wanted of each input instead of an answer: one vector.</summary>
public sealed record VectorRequest
{
    public VectorKind Kind { get; init; }

    /// <summary>Only the first so many elements; what is left is brought to length 1 again. Null: all.</summary>
    public int? Dimensions { get; init; }
}

/// <summary>What a vector says of its input.</summary>
public enum VectorKind
{
    /// <summary>What the text means, of length 1, pooled as the model's file says.</summary>
    Embedding,

    /// <summary>The same, pooled from the last token.</summary>
    LastEmbedding,

    /// <summary>The same, as the mean of all tokens.</summary>
    MeanEmbedding,

    /// <summary>The same, pooled from the first token.</summary>
    FirstEmbedding,

    /// <summary>One number from 0 to 1: how well the second text of a pair answers the first.</summary>
    Relevance,
}
