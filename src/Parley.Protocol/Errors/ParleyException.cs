namespace Parley.Protocol.Errors;

/// <summary>A failure a caller can act on. Carries its HTTP status; becomes OpenAI's error body at the edge and one line on the console.</summary>
public sealed class ParleyException(int status, ParleyError error, Exception? inner = null) : Exception(error.Message, inner)
{
    public int Status { get; } = status;

    public ParleyError Error { get; } = error;

    /// <summary>When it is worth trying again; becomes the Retry-After header.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>400 with the parameter named.</summary>
    public static ParleyException InvalidRequest(string message, string? param = null, string? code = null) =>
        new(400, new ParleyError(message, "invalid_request_error", param, code));

    /// <summary>401: no key, or a wrong one.</summary>
    public static ParleyException Unauthorized(string message, string code = "invalid_api_key") =>
        new(401, new ParleyError(message, "authentication_error", null, code));

    /// <summary>404 with what was not found.</summary>
    public static ParleyException NotFound(string message, string? param = null, string? code = null) =>
        new(404, new ParleyError(message, "not_found_error", param, code));

    /// <summary>429: a limit or a full queue.</summary>
    public static ParleyException TooManyRequests(string message, string code = "rate_limit_exceeded", TimeSpan? retryAfter = null) =>
        new(429, new ParleyError(message, "rate_limit_error", null, code)) { RetryAfter = retryAfter ?? TimeSpan.FromSeconds(1) };

    /// <summary>403: known, but not allowed.</summary>
    public static ParleyException Forbidden(string message, string code) =>
        new(403, new ParleyError(message, "permission_error", null, code));

    /// <summary>500, 503, 507: the server's own trouble, in one sentence with the remedy.</summary>
    public static ParleyException Server(int status, string message, string code, Exception? inner = null) =>
        new(status, new ParleyError(message, "server_error", null, code), inner);

    /// <summary>404 model_not_found, naming what is there.</summary>
    public static ParleyException UnknownModel(string model, IEnumerable<string> available) =>
        new(404, new ParleyError(
            $"The model '{model}' does not exist here; available: {string.Join(", ", available)}.", "invalid_request_error", "model", "model_not_found"));

    /// <summary>400 context_length_exceeded with the numbers; the parameter is "messages" or "prompt".</summary>
    public static ParleyException ContextLengthExceeded(int promptTokens, int contextLength, string param = "messages") =>
        InvalidRequest(
            $"The prompt has {promptTokens} tokens and the model's context holds {contextLength}, so no room is left for an answer; shorten the prompt.",
            param,
            "context_length_exceeded");

    /// <summary>400 context_length_exceeded with the numbers: the prompt fits, but not together with the answer asked for. The parameter is max_tokens.</summary>
    public static ParleyException AnswerTooLong(int promptTokens, int maxTokens, int contextLength) =>
        InvalidRequest(
            $"The prompt has {promptTokens} tokens and max_tokens asks for {maxTokens}, together {(long)promptTokens + maxTokens}, but the model's context " +
            $"holds {contextLength}; lower max_tokens to {contextLength - promptTokens}, leave it out, or shorten the prompt.",
            "max_tokens",
            "context_length_exceeded");
}
