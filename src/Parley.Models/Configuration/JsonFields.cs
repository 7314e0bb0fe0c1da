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

    /// <summary>A number in double precision.</summary>
    public double Real(string key) => !Find(key, out var value) ? throw Missing(key)
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw Error(key, "must be a number. Correct it.");

    /// <summary>The keys, in the order of the file.</summary>
    public IEnumerable<string> Keys => _root.EnumerateObject().Select(property => property.Name);

    /// <summary>True when the key is absent, null, false, or an object or array without anything in it.</summary>
    public bool IsUnset(string key) => !Find(key, out var value) || value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    /// <summary>The string under the key; null when it is absent or something else.</summary>
    public string? TextOrNull(string key) => Find(key, out var value) && value.ValueKind == JsonValueKind.String ? Text(key) : null;

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

    public bool Flag(string key, bool absent) => Has(key) ? Flag(key) : absent;

    /// <summary>True when the key is there and not null.</summary>
    public bool Has(string key) => Find(key, out _);

    /// <summary>True when the key is there, even if it is null.</summary>
    public bool Names(string key) => _root.TryGetProperty(key, out _);

    /// <summary>The fields of a nested object; null when it is absent.</summary>
    public JsonFields? Object(string key) => !Find(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? new JsonFields(value, Source)
        : throw Error(key, "must be an object. Correct it.");

    /// <summary>How many keys there are.</summary>
    public int Count => _root.EnumerateObject().Count();

    /// <summary>An array of numbers; empty when it is absent.</summary>
    public IReadOnlyList<float> Numbers(string key) => 
        Elements<float>(key, static item => item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out var number) ? number : null, "numbers");

    /// <summary>An array of whole numbers, true counting as 1 and false as 0; empty when it is absent.</summary>
    public IReadOnlyList<int> Integers(string key) => Elements<int>(
        key,
        static item => item.ValueKind switch
        {
            JsonValueKind.Number when item.TryGetInt32(out var number) => number,
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => null,
        },
        "whole numbers");

    /// <summary>For each string of an array whether it is <paramref name="text"/>; empty when the array is absent.</summary>
    public IReadOnlyList<bool> Matches(string key, string text) =>
        Elements<bool>(key, item => item.ValueKind == JsonValueKind.String ? item.ValueEquals(text) : null, "strings");

    public void RequireAbsent(string key, string meaning)
    {
        if (Find(key, out _))
        {
            throw Error(key, $"{meaning} is not supported yet. Use a model without it.");
        }
    }

    public ModelFormatException Error(string key, string problem) => ModelFormatException.At(Source, key, null, problem);

    private List<T> Elements<T>(string key, Func<JsonElement, T?> read, string kind)
        where T : struct
    {
        var values = new List<T>();
        if (!Find(key, out var value))
        {
            return values;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Error(key, $"must be an array of {kind}. Correct it.");
        }

        foreach (var item in value.EnumerateArray())
        {
            values.Add(read(item) ?? throw Error(key, $"must be an array of {kind}. Correct it."));
        }

        return values;
    }

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
