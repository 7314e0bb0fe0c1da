using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Reads <c>prompt</c> of a completion: a string, an array of strings, token ids, or an array of arrays of token ids.</summary>
internal static class CompletionPrompts
{
    private const int MostPrompts = 64;

    public static IReadOnlyList<GenerationInput> Read(ParameterReader body)
    {
        var prompt = body.Require("prompt");
        if (prompt.ValueKind == JsonValueKind.String)
        {
            return [new GenerationInput.Text(prompt.GetString()!)];
        }

        if (prompt.ValueKind != JsonValueKind.Array)
        {
            throw ParameterReader.WrongType("prompt", "a string, an array of strings or an array of token ids", prompt);
        }

        var count = prompt.GetArrayLength();
        if (count > 0 && prompt[0].ValueKind == JsonValueKind.Number)
        {
            return [Tokens(prompt, "prompt")];
        }

        return count is >= 1 and <= MostPrompts
            ? [.. prompt.EnumerateArray().Select((element, i) => One(element, $"prompt[{i}]"))]
            : throw ParleyException.InvalidRequest($"'prompt' has {count} entries; 1 to {MostPrompts} are taken.", "prompt", "invalid_value");
    }

    private static GenerationInput One(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.String => new GenerationInput.Text(element.GetString()!),
        JsonValueKind.Array => Tokens(element, path),
        _ => throw ParameterReader.WrongType(path, "a string or an array of token ids", element),
    };

    private static GenerationInput.Tokens Tokens(JsonElement array, string path) => new(
    [
        .. array.EnumerateArray().Select((element, i) =>
            element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0
                ? id
                : throw ParameterReader.WrongType($"{path}[{i}]", "a token id", element)),
    ]);
}
