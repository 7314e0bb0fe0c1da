using System.Globalization;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.OpenAI;
using Parley.Storage;

namespace Parley.Host.Endpoints;

/// <summary>
/// Every failure leaves in OpenAI's shape, whatever failed: a refusal, a missing route, malformed JSON, a full disk, a fault of ours. Each
/// answer, good or bad, carries x-request-id.
/// </summary>
internal static partial class ErrorResponses
{
    private const int LongestMessage = 1200;
    private const int LongestParam = 240;

    public static void UseErrorResponses(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Parley.Host.Requests");
        app.Use(async (http, next) =>
        {
            http.Response.Headers["x-request-id"] = $"req_{Guid.CreateVersion7():N}";
            try
            {
                await next(http);
                if (!http.Response.HasStarted && http.Response is { StatusCode: >= 400, ContentLength: null, ContentType: null })
                {
                    await WriteAsync(http, Unexplained(http));
                }
            }
            catch (Exception error) when (http.RequestAborted.IsCancellationRequested)
            {
                LogLeft(logger, http.Request.Path, error.GetType().Name);
            }
            catch (Exception error) when (!http.Response.HasStarted)
            {
                await WriteAsync(http, Describe(http, error, logger));
            }
        });
    }

    /// <summary>The sentence for a failure inside a request; a fault of ours is logged and named by the request's id.</summary>
    public static ParleyException Describe(HttpContext http, Exception error, ILogger logger)
    {
        if (error is BadHttpRequestException bad)
        {
            return new ParleyException(bad.StatusCode, new ParleyError(bad.Message, "invalid_request_error"), bad);
        }

        if (error is not IOException && StorageFailures.Describe(error) is { } known)
        {
            if (known.Status >= 500)
            {
                LogTrouble(logger, http.Request.Method, http.Request.Path, known.Message);
            }

            return known;
        }

        LogFault(logger, http.Request.Method, http.Request.Path, error);
        return ParleyException.Server(500, $"A fault in the server; its log has the details under {http.Response.Headers["x-request-id"]}.", "internal_error", error);
    }

    public static async Task WriteAsync(HttpContext http, ParleyException error)
    {
        http.Response.StatusCode = error.Status;
        http.Response.ContentType = "application/json";
        if (error.RetryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(Body(error.Error), OpenAIJson.Wire.ErrorBody);
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>The error as it is sent: what it repeats of the caller's own words is cut, so that the sentence and its remedy are seen.</summary>
    public static ErrorBody Body(ParleyError error) => new(error with { Message = Cut(error.Message, LongestMessage), Param = error.Param is { } param ? Cut(param, LongestParam) : null });

    private static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var (head, tail) = (most * 2 / 3, most / 3);
        return text[..(char.IsHighSurrogate(text[head - 1]) ? head - 1 : head)] + "…" + text[^(char.IsLowSurrogate(text[^tail]) ? tail - 1 : tail)..];
    }

    private static ParleyException Unexplained(HttpContext http)
    {
        var call = $"{http.Request.Method} {http.Request.Path}";
        return http.Response.StatusCode switch
        {
            404 => ParleyException.NotFound($"There is no '{call}' here; docs/path.md lists the routes.", code: "unknown_url"),
            405 => new(405, new ParleyError($"'{call}' is not allowed; this route takes {http.Response.Headers.Allow}.", "invalid_request_error", null, "method_not_allowed")),
            415 => new(415, new ParleyError("The body must be JSON: send Content-Type: application/json.", "invalid_request_error", null, "unsupported_media_type")),
            400 => ParleyException.InvalidRequest($"A part of the address or query of '{call}' could not be read; check its numbers and ids."),
            var status => new(status, new ParleyError($"'{call}' was refused with status {status}.", "invalid_request_error")),
        };
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Path}: the caller left ({Error}).")]
    private static partial void LogLeft(ILogger logger, string path, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: {Sentence}")]
    private static partial void LogTrouble(ILogger logger, string method, string path, string sentence);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private static partial void LogFault(ILogger logger, string method, string path, Exception error);
}
