using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Step 1 for <c>POST /v1/embeddings</c>: all inputs are one request. Source: OpenAI's API reference, "Create embeddings"; <c>pooling</c> (last, mean
/// or cls) and <c>priority</c> are Parley's own.
/// </summary>
internal sealed class EmbeddingsDialect
{
    /// <summary>OpenAI's limit.</summary>
    private const int MostInputs = 2048;

    private readonly bool _isBase64;

    private EmbeddingsDialect(GenerationRequest request, bool isBase64) => (Request, _isBase64) = (request, isBase64);

    public GenerationRequest Request { get; }

    /// <exception cref="ParleyException">400 naming the parameter.</exception>
    public static EmbeddingsDialect Read(JsonElement body, Caller caller)
    {
        var reader = new ParameterReader(body);
        var model = reader.RequireString("model");
        var inputs = TextInputs.Read(reader, "input", MostInputs);
        var isBase64 = ReadFormat(reader);
        var vector = new VectorRequest { Kind = ReadPooling(reader), Dimensions = reader.Integer("dimensions", 1, int.MaxValue) };
        var priority = reader.Integer("priority", -100, 100) ?? 0;
        var request = VectorCall.ToRequest(model, caller, inputs, vector) with { Priority = priority, Recorded = ParameterPolicy.Apply(reader) };
        return new EmbeddingsDialect(request, isBase64);
    }

    public EmbeddingList ToList(VectorCall answer) => new(
        [.. answer.Vectors.Select((vector, index) => new EmbeddingObject(index, new EmbeddingVector(vector, _isBase64)))],
        Request.Model,
        new EmbeddingUsage(answer.Usage.PromptTokens, answer.Usage.PromptTokens));

    private static bool ReadFormat(ParameterReader reader) => reader.String("encoding_format") switch
    {
        null or "float" => false,
        "base64" => true,
        var other => throw ParleyException.InvalidRequest($"'encoding_format' is \"{other}\"; it must be float or base64.", "encoding_format", "invalid_value"),
    };

    private static VectorKind ReadPooling(ParameterReader reader) => reader.String("pooling") switch
    {
        null => VectorKind.Embedding,
        "last" => VectorKind.LastEmbedding,
        "mean" => VectorKind.MeanEmbedding,
        "cls" => VectorKind.FirstEmbedding,
        var other => throw ParleyException.InvalidRequest($"'pooling' is \"{other}\"; it must be last, mean or cls.", "pooling", "invalid_value"),
    };
}
