using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Parley.Models;

/// <summary>
/// The key-value part of a GGUF file, in file order, with typed look-ups that name file and key when they fail. Keys that
/// Models does not know (tokenizer.ggml.*, tokenizer.chat_template ...) pass through untouched.
/// </summary>
/// <param name="source">What errors call the file.</param>
public sealed class GgufMetadata(string source = "GGUF metadata") : IEnumerable<KeyValuePair<string, GgufValue>>
{
    private readonly OrderedDictionary<string, GgufValue> _values = new(StringComparer.Ordinal);

    public string Source { get; } = source;

    public int Count => _values.Count;

    public GgufValue this[string key]
    {
        get => TryGet(key, out var value) ? value : throw Error(key, "is missing. Use a complete model file.");
        set => _values[key] = value;
    }

    public bool Contains(string key) => _values.ContainsKey(key);

    public bool TryGet(string key, [NotNullWhen(true)] out GgufValue? value) => _values.TryGetValue(key, out value);

    /// <summary>A whole number within Int32.</summary>
    public int Integer(string key, int? absent = null)
    {
        if (absent is { } number && !Contains(key))
        {
            return number;
        }

        return this[key].AsInteger() is { } value and >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw Error(key, "must be a whole number of 32 bits. Convert the model again.");
    }

    public float Number(string key, float? absent = null) =>
        absent is { } number && !Contains(key) ? number : (float)(this[key].AsNumber() ?? throw Error(key, "must be a number. Convert the model again."));

    public string Text(string key, string? absent = null) =>
        absent is not null && !Contains(key) ? absent : this[key].AsText() ?? throw Error(key, "must be a string. Convert the model again.");

    public IReadOnlyList<string> Texts(string key) => this[key].AsTexts() ?? throw Error(key, "must be an array of strings. Convert the model again.");

    public IReadOnlyList<int> Integers(string key) => this[key].AsIntegers() ?? throw Error(key, "must be an array of integers. Convert the model again.");

    public ModelFormatException Error(string key, string problem) => ModelFormatException.At(Source, key, null, problem);

    public IEnumerator<KeyValuePair<string, GgufValue>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
