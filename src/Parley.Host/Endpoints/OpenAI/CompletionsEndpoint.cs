using Parley.Host.Authentication;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary><c>POST /v1/completions</c>: raw text or token ids, continued.</summary>
internal static class CompletionsEndpoint
{
    public static async Task AnswerAsync(HttpContext http, IReplica replica, TimeProvider time)
    {
        // 1. One request a prompt.
        using var body = await RequestBody.ReadAsync(http);
        var dialect = CompletionsDialect.Read(body.RootElement, http.Caller(), time.GetUtcNow().ToUnixTimeSeconds());
        var events = GenerationBatch.Run(replica, dialect.Requests, http.RequestAborted);
        if (dialect.Settings.Stream)
        {
            await StreamedAnswer.SendAsync(http, events, item => dialect.ToChunks(item.Index, item.Entry), OpenAIJson.Wire.Completion);
            return;
        }

        var answers = dialect.Requests.Select(request => new AnswerAssembly(request.Choices)).ToArray();
        await foreach (var (index, entry) in events)
        {
            answers[index].Add(entry);
        }

        await http.Response.WriteAsJsonAsync(dialect.ToCompletion(answers), OpenAIJson.Wire.Completion, cancellationToken: http.RequestAborted);
    }
}
