using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Parley.Text;

/// <summary>A value of a JSON file with the path to it, so that whatever is wrong with it can be said by name.</summary>
internal readonly record struct JsonPart(JsonElement Element, string Path)
{
    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public bool TryGet(string name, out JsonPart part)
    {
        part = default;
        if (!IsObject || !Element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return false;
        part = new JsonPart(value, Path.Length == 0 ? name : $"{Path}.{name}");
        return true;
    }

    public JsonPart Get(string name) => TryGet(name, out var part) ? part : throw Error($"has no \"{name}\"");

    public string Text(string name) => Get(name).AsText();

    public string Text(string name, string absent) => TryGet(name, out var part) ? part.AsText() : absent;

    public bool Flag(string name, bool absent) => !TryGet(name, out var part) ? absent : part.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw part.Error("is not true or false"),
    };

    public int Integer(string name, int? absent = null) => absent is { } number && !TryGet(name, out _) ? number : Get(name).AsInteger();

    public IEnumerable<JsonPart> List(string name) => TryGet(name, out var part) ? part.Items() : [];

    public IEnumerable<JsonPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw Error("is not a list");
        var index = 0;
        foreach (var item in Element.EnumerateArray())
            yield return new JsonPart(item, $"{Path}[{index++}]");
    }

    public IEnumerable<(string Name, JsonPart Part)> Members()
    {
        if (!IsObject)
            throw Error("is not an object");
        foreach (var member in Element.EnumerateObject())
            yield return (member.Name, new JsonPart(member.Value, $"{Path}[\"{member.Name}\"]"));
    }

    public string AsText() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Error("is not a string");

    public int AsInteger() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value) && value >= 0
        ? value
        : throw Error("is not a whole number of at most 2147483647");

    public InvalidDataException Error(string problem) => new($"{(Path.Length == 0 ? "the file" : Path)} {problem}");

    [DoesNotReturn]
    public void Refuse(string what) => throw Error($"is {what}, which is not supported; use a model with a tokenizer of the GPT-2, SentencePiece or BERT kind");
}
