using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Parley.Host.Drills.ApiFuzzing;

/// <summary>What is wrong with an answer: a fault of the server's, a refusal out of shape, a stream without an end, bytes that are no JSON.</summary>
internal static class ApiAnswerCheck
{
    private const int LongestSentence = 2000;

    /// <summary>Null when it is as it must be.</summary>
    /// <param name="isWhole">The caller read it to its end.</param>
    public static string? Problem(ApiCall call, int status, string? contentType, byte[] body, bool isWhole)
    {
        if (status >= 500)
        {
            return $"status {status}: {Excerpt(body)}";
        }

        if (!isWhole || body.Length == 0 || call.Method == "HEAD")
        {
            return null;
        }

        if (contentType?.StartsWith("text/event-stream", StringComparison.Ordinal) == true)
        {
            return Stream(body, closes: call.Path.StartsWith("/v1/", StringComparison.Ordinal));
        }

        if (contentType?.StartsWith("application/json", StringComparison.Ordinal) != true)
        {
            // Outside of the API people are spoken to, in plain text.
            return status >= 400 && IsApi(call.Path) ? $"status {status} without OpenAI's error shape: {contentType} {Excerpt(body)}" : null;
        }

        return Json(body) is { } fault ? fault : status >= 400 ? Refusal(body) : null;
    }

    private static bool IsApi(string path) => path.StartsWith("/v1/", StringComparison.Ordinal) || path.StartsWith("/parley/v1/", StringComparison.Ordinal);

    private static string? Stream(byte[] body, bool closes)
    {
        var text = Encoding.UTF8.GetString(body);
        if (!Utf8.IsValid(body) || (closes && !text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)))
        {
            return $"a stream that does not close, or is no UTF-8: ...{text[Math.Max(0, text.Length - 200)..]}";
        }

        foreach (var line in text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var data = Encoding.UTF8.GetBytes(line["data: ".Length..]);
            if (Json(data) is { } fault)
            {
                return fault;
            }

            using var piece = JsonDocument.Parse(data);
            if (piece.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object && error.GetProperty("type").GetString() == "server_error")
            {
                return $"a fault in mid-stream: {line}";
            }
        }

        return null;
    }

    private static string? Json(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Utf8.IsValid(body) ? null : $"JSON that is no UTF-8: {Excerpt(body)}";
        }
        catch (JsonException)
        {
            return $"an answer that is no JSON: {Excerpt(body)}";
        }
    }

    private static string? Refusal(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("message", out var message) && message.GetString() is { Length: > 0 and <= LongestSentence }
            && error.TryGetProperty("type", out var type) && type.GetString() is { Length: > 0 }
            && error.TryGetProperty("param", out _) && error.TryGetProperty("code", out _)
            ? null
            : $"a refusal out of shape: {body.Length} bytes, {Excerpt(body)}";
    }

    private static string Excerpt(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(400, body.Length)));
}
