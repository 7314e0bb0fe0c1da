using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Chat;
using Parley.Host.Authentication;
using Parley.Protocol.Errors;

namespace Parley.Host.Endpoints.Chat;

/// <summary>Reads a page route's body and caller.</summary>
internal static class ChatHttp
{
    /// <summary>Whose conversations a call may see: the project and user of its key, or the local person.</summary>
    public static Owner Owner(this HttpContext http)
    {
        var caller = http.Caller();
        return new Owner(caller.ProjectId, caller.UserId);
    }

    /// <summary>The body as <typeparamref name="T"/>; an empty body reads as an empty object.</summary>
    /// <exception cref="ParleyException">400: malformed JSON, or a member that is unknown, missing or of the wrong type.</exception>
    public static async Task<T> ReadAsync<T>(this HttpContext http, JsonTypeInfo<T> type)
    {
        var body = await BodyText.ReadAsync(http);
        try
        {
            return JsonSerializer.Deserialize(body.IsEmpty ? "{}"u8 : body.Span, type) ?? throw ParleyException.InvalidRequest("The body must be a JSON object, not null.");
        }
        catch (JsonException exception)
        {
            throw ParleyException.InvalidRequest($"The body could not be read: {exception.Message}", exception.Path?.TrimStart('$', '.'));
        }
    }
}
