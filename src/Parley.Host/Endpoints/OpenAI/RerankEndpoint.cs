using System.Text.Json;
using Parley.Gateway.Keys;
using Parley.Host.Authentication;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// <c>POST /v1/rerank</c>: documents in the order of how well they answer a query, by a cross-encoder, or by how likely a decoder finds the
/// query after each of them. Source: Jina's and Cohere's API references, whose common part this is.
/// </summary>
internal static class RerankEndpoint
{
    private const int MostDocuments = 2048;

    public static async Task AnswerAsync(HttpContext http, IReplica replica)
    {
        using var body = await RequestBody.ReadAsync(http);
        var reader = new ParameterReader(body.RootElement);
        var model = reader.RequireString("model");
        var query = reader.RequireString("query");
        var documents = ReadDocuments(reader);
        var most = reader.Integer("top_n", 1, int.MaxValue) ?? documents.Length;
        var isShown = reader.Boolean("return_documents") ?? false;
        var request = Request(http.Caller(), model, query, documents) with { Recorded = ParameterPolicy.Apply(reader) };
        var call = await VectorCall.RunAsync(replica, request, http.RequestAborted);
        var results = call.Vectors
            .Select((vector, index) => new RerankResult(index, vector[0]) { Document = isShown ? new RerankDocument(documents[index]) : null })
            .OrderByDescending(result => result.RelevanceScore).ThenBy(result => result.Index).Take(most);
        var answer = new RerankAnswer($"rerank-{request.Id:N}", model, [.. results], new EmbeddingUsage(call.Usage.PromptTokens, call.Usage.PromptTokens));
        await http.Response.WriteAsJsonAsync(answer, OpenAIJson.Wire.RerankAnswer, cancellationToken: http.RequestAborted);
    }

    private static GenerationRequest Request(Caller caller, string model, string query, string[] documents) => VectorCall.ToRequest(
        model, caller, [.. documents.Select(document => new GenerationInput.Pair(query, document))], new VectorRequest { Kind = VectorKind.Relevance });

    // A document is a string, or as Cohere's first version and Jina have it an object with a text.
    private static string[] ReadDocuments(ParameterReader reader)
    {
        var array = reader.Require("documents");
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw ParameterReader.WrongType("documents", "an array of strings", array);
        }

        var count = array.GetArrayLength();
        return count is >= 1 and <= MostDocuments
            ? [.. array.EnumerateArray().Select((element, i) => Document(element, $"documents[{i}]"))]
            : throw ParleyException.InvalidRequest($"'documents' has {count} entries; 1 to {MostDocuments} are taken.", "documents", "invalid_value");
    }

    private static string Document(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return ParameterReader.StringOf(element, path);
        }

        var reader = new ParameterReader(element, path);
        var text = reader.RequireString("text");
        reader.RefuseLeft();
        return text;
    }
}
