namespace Parley.Models;

/// <summary>The metadata keys of one architecture, looked up without its prefix.</summary>
internal readonly struct GgufKeys(GgufMetadata metadata, string prefix)
{
    public GgufMetadata Metadata => metadata;

    public int Integer(string key, int? absent = null) => metadata.Integer(Full(key), absent);

    public float Number(string key, float? absent = null) => metadata.Number(Full(key), absent);

    public string Text(string key, string absent) => metadata.Text(Full(key), absent);

    public bool Flag(string key, bool absent) =>
        !metadata.TryGet(Full(key), out var value) ? absent : value.AsFlag() ?? throw Error(key, "must be true or false. Convert the model again.");

    public bool TryGet(string key, out GgufValue? value) => metadata.TryGet(Full(key), out value);

    /// <summary>Refuses a setting that would change the numbers and is not computed.</summary>
    public void RequireEqual(string key, int expected, string meaning)
    {
        if (Integer(key, expected) != expected)
        {
            throw Error(key, $"{meaning} is not supported yet. Use a model without it.");
        }
    }

    public ModelFormatException Error(string key, string problem) => metadata.Error(Full(key), problem);

    public string Full(string key) => $"{prefix}.{key}";
}
