namespace Parley.Protocol.Errors;

/// <summary>An error as OpenAI's API shows it: one sentence, a type, the parameter it is about, a code for programs.</summary>
/// <param name="Message">One clear sentence that names the thing and the remedy.</param>
/// <param name="Type">invalid_request_error, authentication_error, not_found_error, rate_limit_error, server_error ...</param>
/// <param name="Param">The request parameter at fault, or null.</param>
/// <param name="Code">A stable code such as context_length_exceeded or model_not_found, or null.</param>
public sealed record ParleyError(string Message, string Type, string? Param = null, string? Code = null);
