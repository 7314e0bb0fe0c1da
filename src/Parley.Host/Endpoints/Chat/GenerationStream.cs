using System.Globalization;
using System.Text;
using System.Text.Json;
using Parley.Chat.Conversations;
using Parley.Chat.Generations;

namespace Parley.Host.Endpoints.Chat;

/// <summary>
/// Server-sent events of one answer: <c>id</c> is the sequence number, <c>event</c> is delta, done or error. Begins after ?after= or Last-Event-ID and
/// ends when the answer has ended. Format: WHATWG HTML, section 9.2.
/// </summary>
internal static class GenerationStream
{
    public static async Task WriteAsync(GenerationReader reader, HttpContext http, Guid id, long? after)
    {
        var generation = await reader.FindAsync(http.Owner(), id, http.RequestAborted);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await foreach (var piece in reader.FollowAsync(generation, after ?? LastEventId(http), http.RequestAborted))
        {
            if (piece.Text.Length > 0 || piece.Reasoning.Length > 0)
            {
                var reasoning = piece.Reasoning.Length > 0 ? new ReasoningView(piece.ReasoningOffset, piece.Reasoning) : null;
                var delta = new DeltaView(piece.Sequence, piece.Offset, piece.Text, reasoning);
                await SendAsync(http, piece.Sequence, "delta", JsonSerializer.Serialize(delta, ChatJson.Default.DeltaView));
            }

            if (piece.Status != MessageStatus.Streaming)
            {
                await SendAsync(http, piece.Sequence, piece.Status == MessageStatus.Failed ? "error" : "done", Done(piece));
            }
        }
    }

    private static string Done(AnswerPiece piece)
    {
        var usage = piece.Answer.Usage;
        var done = new DoneView(
            piece.Sequence,
            MessageView.StatusName(piece.Status),
            piece.Answer.FinishName,
            UsageView.Of(usage?.PromptTokens, usage?.OutputTokens),
            piece.Answer.Error);
        return JsonSerializer.Serialize(done, ChatJson.Default.DoneView);
    }

    private static long LastEventId(HttpContext http) =>
        long.TryParse(http.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static async Task SendAsync(HttpContext http, long sequence, string kind, string json)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"id: {sequence}\nevent: {kind}\ndata: {json}\n\n");
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(message), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
