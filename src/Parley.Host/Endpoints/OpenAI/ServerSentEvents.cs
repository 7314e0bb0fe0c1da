using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Writes a stream of JSON values as server-sent events (WHATWG HTML, section 9.2), each flushed at once, closed by OpenAI's [DONE].</summary>
internal sealed class ServerSentEvents
{
    private readonly HttpContext _http;

    private ServerSentEvents(HttpContext http) => _http = http;

    /// <summary>Sends the head; from here on no status can change.</summary>
    public static async Task<ServerSentEvents> StartAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        await http.Response.StartAsync(http.RequestAborted);
        return new ServerSentEvents(http);
    }

    public async Task SendAsync<T>(T value, JsonTypeInfo<T> type)
    {
        var writer = _http.Response.BodyWriter;
        writer.Write("data: "u8);
        using (var json = new Utf8JsonWriter(writer, new JsonWriterOptions { Encoder = type.Options.Encoder }))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        writer.Write("\n\n"u8);
        await writer.FlushAsync(_http.RequestAborted);
    }

    public async Task DoneAsync()
    {
        _http.Response.BodyWriter.Write("data: [DONE]\n\n"u8);
        await _http.Response.BodyWriter.FlushAsync(_http.RequestAborted);
    }
}
