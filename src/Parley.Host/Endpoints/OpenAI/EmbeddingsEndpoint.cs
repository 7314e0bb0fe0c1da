using Parley.Host.Authentication;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary><c>POST /v1/embeddings</c>: texts or token ids as vectors.</summary>
internal static class EmbeddingsEndpoint
{
    public static async Task AnswerAsync(HttpContext http, IReplica replica)
    {
        using var body = await RequestBody.ReadAsync(http);
        var dialect = EmbeddingsDialect.Read(body.RootElement, http.Caller());
        var call = await VectorCall.RunAsync(replica, dialect.Request, http.RequestAborted);
        await http.Response.WriteAsJsonAsync(dialect.ToList(call), OpenAIJson.Wire.EmbeddingList, cancellationToken: http.RequestAborted);
    }
}
