using System.Text.Json.Serialization.Metadata;
using Parley.Protocol.Generation;
using Parley.Protocol.OpenAI;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>
/// Sends a call's events as a stream. A refusal before the first event throws and becomes a status; a failure after it becomes an error event,
/// then [DONE], as vLLM does it.
/// </summary>
internal static class StreamedAnswer
{
    public static async Task SendAsync<TChunk>(
        HttpContext http,
        IAsyncEnumerable<(int Index, GenerationEvent Entry)> events,
        Func<(int Index, GenerationEvent Entry), IEnumerable<TChunk>> toChunks,
        JsonTypeInfo<TChunk> type)
    {
        await using var items = events.GetAsyncEnumerator(http.RequestAborted);
        var more = await items.MoveNextAsync();
        var stream = await ServerSentEvents.StartAsync(http);
        try
        {
            for (; more; more = await items.MoveNextAsync())
            {
                foreach (var chunk in toChunks(items.Current))
                {
                    await stream.SendAsync(chunk, type);
                }
            }
        }
        catch (Exception error) when (!http.RequestAborted.IsCancellationRequested)
        {
            var logger = http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Parley.Host.Requests");
            await stream.SendAsync(ErrorResponses.Body(ErrorResponses.Describe(http, error, logger).Error), OpenAIJson.Wire.ErrorBody);
        }

        await stream.DoneAsync();
    }
}
