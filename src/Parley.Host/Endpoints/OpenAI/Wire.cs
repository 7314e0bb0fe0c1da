using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>How OpenAI's wire names what both dialects share.</summary>
internal static class Wire
{
    private const int FingerprintCharacters = 12;

    /// <summary>stop, length or tool_calls. A cancelled answer has no reader left; the word only has to be one that clients know.</summary>
    public static string Name(FinishReason? reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        _ => "stop",
    };

    /// <summary>Which weights, and which adapter, answered: equal fingerprints and seeds give equal answers.</summary>
    public static string Fingerprint(string? modelVersion) =>
        "fp_" + string.Join('_', (modelVersion ?? "").Split('+').Select(part => part.Length > FingerprintCharacters ? part[..FingerprintCharacters] : part));

    /// <summary>A failed generation as the error it is.</summary>
    public static ParleyException Failure(GenerationEvent failed)
    {
        var error = failed.Error ?? new ParleyError("The answer could not be finished.", "server_error");
        return new ParleyException(error.Type == "server_error" ? 500 : 400, error);
    }
}
