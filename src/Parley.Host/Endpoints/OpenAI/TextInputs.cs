using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Generation;

namespace Parley.Host.Endpoints.OpenAI;

/// <summary>Reads <c>prompt</c> of a completion or <c>input</c> of an embedding: a string, an array of strings, token ids, or an array of arrays of token ids.</summary>
internal static class TextInputs
{
    /// <param name="most">Entries at most.</param>
    public static IReadOnlyList<GenerationInput> Read(ParameterReader body, string name, int most)
    {
        var inputs = body.Require(name);
        if (inputs.ValueKind == JsonValueKind.String)
        {
            return [new GenerationInput.Text(inputs.GetString()!)];
        }

        if (inputs.ValueKind != JsonValueKind.Array)
        {
            throw ParameterReader.WrongType(name, "a string, an array of strings or an array of token ids", inputs);
        }

        var count = inputs.GetArrayLength();
        if (count > 0 && inputs[0].ValueKind == JsonValueKind.Number)
        {
            return [new GenerationInput.Tokens(Tokens(inputs, name))];
        }

        return count >= 1 && count <= most
            ? [.. inputs.EnumerateArray().Select((element, i) => One(element, $"{name}[{i}]"))]
            : throw ParleyException.InvalidRequest($"'{name}' has {count} entries; 1 to {most} are taken.", name, "invalid_value");
    }

    /// <summary>An array of token ids.</summary>
    public static IReadOnlyList<int> Tokens(JsonElement array, string path) =>
    [
        .. array.EnumerateArray().Select((element, i) =>
            element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0
                ? id
                : throw ParameterReader.WrongType($"{path}[{i}]", "a token id", element)),
    ];

    private static GenerationInput One(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.String => new GenerationInput.Text(element.GetString()!),
        JsonValueKind.Array => new GenerationInput.Tokens(Tokens(element, path)),
        _ => throw ParameterReader.WrongType(path, "a string or an array of token ids", element),
    };
}
