using System.Text.Json;

namespace Parley.Models;

/// <summary>Typed look-ups in one JSON object, each failing with the source and the key; knows nothing of what the keys mean.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _root;

    public JsonFields(JsonElement root, string source)
    {
        (_root, Source) = (root, source);
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw ModelFormatException.At(source, null, null, "is not a JSON object. Restore the file from its source.");
        }
    }

    public string Source { get; }

    public int Integer(string key, int? absent = null)
    {
        if (!Find(key, out var value))
        {
            return absent ?? throw Missing(key);
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Error(key, "must be a whole number. Correct it.");
    }

    public float Number(string key, float absent)
    {
        if (!Find(key, out var value))
        {
            return absent;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number)
            ? number
            : throw Error(key, "must be a number. Correct it.");
    }

    public bool Flag(string key) => Find(key, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error(key, "must be true or false. Correct it."),
    };

    public string Text(string key, string? absent = null)
    {
        if (!Find(key, out var value))
        {
            return absent ?? throw Missing(key);
        }

        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Error(key, "must be a string. Correct it.");
        }
        catch (InvalidOperationException error)
        {
            throw NotUnicode(key, error);
        }
    }

    public void RequireAbsent(string key, string meaning)
    {
        if (Find(key, out _))
        {
            throw Error(key, $"{meaning} is not supported yet. Use a model without it.");
        }
    }

    public ModelFormatException Error(string key, string problem) => ModelFormatException.At(Source, key, null, problem);

    private ModelFormatException Missing(string key) => Error(key, "is missing. Add it, or restore the file from its source.");

    // null counts as absent: Hugging Face writes "rope_scaling": null.
    private bool Find(string key, out JsonElement value)
    {
        try
        {
            return _root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
        }
        catch (InvalidOperationException error) // a key or string with an escaped lone surrogate
        {
            throw NotUnicode(key, error);
        }
    }

    private ModelFormatException NotUnicode(string key, Exception error) =>
        ModelFormatException.At(Source, key, null, "holds a string that is not valid Unicode. Correct it.", error);
}
