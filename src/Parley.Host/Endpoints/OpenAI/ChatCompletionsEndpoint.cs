using Parley.Host.Authentication;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary><c>POST /v1/chat/completions</c>. When the caller hangs up, its token cancels the way down to the engine.</summary>
internal static class ChatCompletionsEndpoint
{
    public static async Task AnswerAsync(HttpContext http, IReplica replica, TimeProvider time)
    {
        // 1. The dialect turns the wire into one request; from here on nobody knows that it was OpenAI's.
        using var body = await RequestBody.ReadAsync(http);
        var dialect = ChatCompletionsDialect.Read(body.RootElement, http.Caller(), time.GetUtcNow().ToUnixTimeSeconds());
        var events = GenerationBatch.Run(replica, [dialect.Request], http.RequestAborted);
        if (dialect.Settings.Stream)
        {
            await StreamedAnswer.SendAsync(http, events, item => dialect.ToChunks(item.Entry), OpenAIJson.Wire.ChatCompletionChunk);
            return;
        }

        var answer = new AnswerAssembly(dialect.Request.Choices);
        await foreach (var (_, entry) in events)
        {
            answer.Add(entry);
        }

        await http.Response.WriteAsJsonAsync(dialect.ToCompletion(answer), OpenAIJson.Wire.ChatCompletion, cancellationToken: http.RequestAborted);
    }
}
