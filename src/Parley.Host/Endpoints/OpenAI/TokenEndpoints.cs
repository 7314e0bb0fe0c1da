using Parley.Gateway.Routing;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary><c>POST /v1/tokenize</c> and <c>POST /v1/detokenize</c>, in vLLM's shape: <c>prompt</c> or <c>messages</c> to ids, and <c>tokens</c> to text.</summary>
internal static class TokenEndpoints
{
    public static async Task TokenizeAsync(HttpContext http, ModelRegistry registry)
    {
        using var body = await RequestBody.ReadAsync(http);
        var reader = new ParameterReader(body.RootElement);
        var model = reader.RequireString("model");
        var addSpecial = reader.Boolean("add_special_tokens") ?? true;
        var showsText = reader.Boolean("return_token_strs") ?? false;
        GenerationInput input = reader.String("prompt") is { } prompt ? new GenerationInput.Text(prompt) : new GenerationInput.Chat(ChatMessages.Read(reader));
        reader.RefuseLeft();
        var (replica, description) = Find(registry, model);
        var tokens = replica.Tokens(model, input, addSpecial, http.RequestAborted);
        var answer = new TokenList(tokens.Count, description.ContextLength, tokens)
        {
            TokenStrs = showsText ? [.. tokens.Select(token => replica.Text(model, [token]))] : null,
        };
        await http.Response.WriteAsJsonAsync(answer, OpenAIJson.Wire.TokenList, cancellationToken: http.RequestAborted);
    }

    public static async Task DetokenizeAsync(HttpContext http, ModelRegistry registry)
    {
        using var body = await RequestBody.ReadAsync(http);
        var reader = new ParameterReader(body.RootElement);
        var model = reader.RequireString("model");
        var array = reader.Require("tokens");
        var tokens = array.ValueKind == System.Text.Json.JsonValueKind.Array ? TextInputs.Tokens(array, "tokens") : throw ParameterReader.WrongType("tokens", "an array of token ids", array);
        reader.RefuseLeft();
        var text = Find(registry, model).Replica.Text(model, tokens);
        await http.Response.WriteAsJsonAsync(new DetokenizedText(text), OpenAIJson.Wire.DetokenizedText, cancellationToken: http.RequestAborted);
    }

    private static (ITokenReplica Replica, ModelDescription Model) Find(ModelRegistry registry, string model)
    {
        var deployment = registry.Find(model);
        var replica = deployment.Versions.SelectMany(version => version.Replicas).OfType<ITokenReplica>().FirstOrDefault()
            ?? throw ParleyException.InvalidRequest($"The model '{model}' runs where its tokenizer cannot be asked; use a model that is served here.", "model");
        return (replica, deployment.Description);
    }
}
