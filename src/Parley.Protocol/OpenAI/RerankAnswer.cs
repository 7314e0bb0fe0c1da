using System.Text.Json.Serialization;

namespace Parley.Protocol.OpenAI;

/// <summary>The answer of <c>POST /v1/rerank</c>, in the shape that Jina and Cohere share; the best document first.</summary>
public sealed record RerankAnswer(string Id, string Model, IReadOnlyList<RerankResult> Results, EmbeddingUsage Usage);

/// <param name="Index">The document's place in the request.</param>
/// <param name="RelevanceScore">0 to 1.</param>
public sealed record RerankResult(int Index, float RelevanceScore)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RerankDocument? Document { get; init; }
}

public sealed record RerankDocument(string Text);
