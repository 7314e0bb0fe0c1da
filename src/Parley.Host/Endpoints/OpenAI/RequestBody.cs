using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Reads a request's body as one JSON object. Malformed JSON is refused with its position, a member given twice too.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <exception cref="ParleyException">400.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext http)
    {
        var text = await BodyText.ReadAsync(http);
        try
        {
            var document = JsonDocument.Parse(text, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw ParleyException.InvalidRequest("The body must be a JSON object.");
        }
        catch (JsonException error)
        {
            // The reader counts from 0; people count from 1. Its own sentence ends with the position, which is said here already.
            var position = error.LineNumber is { } line ? $" at line {line + 1}, byte {error.BytePositionInLine + 1}" : "";
            throw ParleyException.InvalidRequest($"The body is not valid JSON{position}: {error.Message.Split(" LineNumber:")[0]}");
        }
    }
}
