using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Parley.Host.Verbs;

/// <summary>One greedy call of a server's /v1/chat/completions, for verbs that examine a model from outside.</summary>
internal static class ChatCompletion
{
    private const int MaxTokens = 48;

    /// <exception cref="HttpRequestException">The server refused; the message is its own.</exception>
    public static async Task<string> AskAsync(HttpClient http, string model, string question, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
            ["temperature"] = 0,
            ["max_tokens"] = MaxTokens,
        };
        using var response = await http.PostAsJsonAsync("/v1/chat/completions", body, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{http.BaseAddress} answered {(int)response.StatusCode}: {text}");
        }

        return (string?)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"] ?? "";
    }
}
