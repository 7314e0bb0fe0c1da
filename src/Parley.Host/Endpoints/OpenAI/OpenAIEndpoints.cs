using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>The routes under /v1. Each is a dialect and nothing else.</summary>
internal static class OpenAIEndpoints
{
    public static void MapOpenAI(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", ChatCompletionsEndpoint.AnswerAsync);
        routes.MapPost("/v1/completions", CompletionsEndpoint.AnswerAsync);
        routes.MapPost("/v1/embeddings", EmbeddingsEndpoint.AnswerAsync);
        routes.MapPost("/v1/rerank", RerankEndpoint.AnswerAsync);
        routes.MapPost("/v1/tokenize", TokenEndpoints.TokenizeAsync);
        routes.MapPost("/v1/detokenize", TokenEndpoints.DetokenizeAsync);
        routes.MapPost("/v1/load_lora_adapter", AdapterEndpoints.LoadAsync);
        routes.MapPost("/v1/unload_lora_adapter", AdapterEndpoints.UnloadAsync);
        routes.MapGet("/v1/models", (IReplica replica) =>
            Results.Json(new ModelList([.. replica.Models.Select(ModelObject.Of)]), OpenAIJson.Wire.ModelList));
        routes.MapGet("/v1/models/{*id}", (IReplica replica, string id) =>
            Results.Json(ModelObject.Of(Find(replica, id)), OpenAIJson.Wire.ModelObject));
    }

    private static ModelDescription Find(IReplica replica, string id) =>
        replica.Models.FirstOrDefault(model => model.Id == id)
        ?? throw ParleyException.UnknownModel(id, replica.Models.Select(model => model.Id));
}
