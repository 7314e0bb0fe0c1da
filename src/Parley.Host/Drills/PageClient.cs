using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Host.Drills;

/// <summary>What the page does, without a browser: sends a message, follows the answer's events, puts each piece at its place.</summary>
internal sealed class PageClient(HttpClient http)
{
    public async Task<string> NewConversationAsync(CancellationToken cancellationToken) =>
        (string)(await PostAsync("/parley/v1/conversations", new JsonObject(), cancellationToken))["id"]!;

    /// <summary>Returns the generation that answers.</summary>
    public async Task<string> SendAsync(string conversation, string text, ulong seed, int maxTokens, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["content"] = text, ["seed"] = seed, ["temperature"] = 1.0, ["max_tokens"] = maxTokens };
        return (string)(await PostAsync($"/parley/v1/conversations/{conversation}/messages", body, cancellationToken))["generation_id"]!;
    }

    public async Task<string> ContinueAsync(string generation, CancellationToken cancellationToken) =>
        (string)(await PostAsync($"/parley/v1/generations/{generation}/continue", new JsonObject(), cancellationToken))["generation_id"]!;

    /// <summary>The last message of a conversation: status, content, generation_id.</summary>
    public async Task<JsonNode> AnswerAsync(string conversation, CancellationToken cancellationToken)
    {
        var detail = await http.GetFromJsonAsync<JsonNode>($"/parley/v1/conversations/{conversation}", cancellationToken);
        return detail!["messages"]!.AsArray()[^1]!;
    }

    /// <summary>
    /// Follows an answer, growing <paramref name="received"/> piece by piece, until it ends, the connection breaks or <paramref name="enough"/> says stop
    /// (asked after each piece with the number of pieces). A piece that would leave a gap, or contradict what was received, throws.
    /// </summary>
    public async Task FollowAsync(string generation, StringBuilder received, Func<int, bool> enough, CancellationToken cancellationToken)
    {
        await using var stream = await http.GetStreamAsync($"/parley/v1/generations/{generation}/events?after=0", cancellationToken);
        var pieces = 0;
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.EventType != "delta")
            {
                return;
            }

            var delta = JsonNode.Parse(item.Data)!;
            Place(received, (int)delta["offset"]!, (string)delta["text"]!);
            if (enough(++pieces))
            {
                return;
            }
        }
    }

    private static void Place(StringBuilder received, int offset, string text)
    {
        if (offset > received.Length)
        {
            throw new InvalidOperationException($"Characters {received.Length} to {offset} of the answer were never sent.");
        }

        var known = received.Length - offset;
        if (known >= text.Length)
        {
            return;
        }

        received.Append(text.AsSpan(known));
    }

    private async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(path, body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"POST {path} was answered {(int)answer.StatusCode}: {text}");
    }
}
