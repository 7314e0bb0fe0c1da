using Parley.Protocol.Errors;

namespace Parley.Protocol.OpenAI;

/// <summary>OpenAI's error shape: one member, <c>error</c>.</summary>
public sealed record ErrorBody(ParleyError Error);
