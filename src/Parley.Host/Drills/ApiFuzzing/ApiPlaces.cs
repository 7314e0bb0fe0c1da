using System.Text;
using System.Text.Json.Nodes;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>
/// The conversation, message and generation that random calls to the page's routes go to. Where a call has deleted them, new ones are made. Any thread.
/// </summary>
internal sealed class ApiPlaces(HttpClient http)
{
    private volatile Place _place = new("00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000");

    /// <summary>The route with ids for names.</summary>
    public string Fill(string path)
    {
        var place = _place;
        return path.Replace("{conversation}", place.Conversation, StringComparison.Ordinal)
            .Replace("{message}", place.Message, StringComparison.Ordinal).Replace("{generation}", place.Generation, StringComparison.Ordinal);
    }

    /// <summary>A new conversation with a question that is being answered.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var conversation = (string)(await PostAsync("/parley/v1/conversations", "{}", cancellationToken))["id"]!;
        var turn = await PostAsync($"/parley/v1/conversations/{conversation}/messages", """{"content":"the cat","max_tokens":3}""", cancellationToken);
        _place = new(conversation, (string)turn["assistant_message"]!["id"]!, (string)turn["generation_id"]!);
    }

    private async Task<JsonNode> PostAsync(string path, string body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new HttpRequestException($"POST {path} was answered {(int)answer.StatusCode}: {text}");
    }

    private sealed record Place(string Conversation, string Message, string Generation);
}
