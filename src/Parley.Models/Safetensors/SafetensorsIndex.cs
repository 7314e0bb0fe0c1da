using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// <c>model.safetensors.index.json</c>: which shard holds which tensor (<c>weight_map</c>). Trusts nothing: shards are plain
/// file names beside the index, and every tensor must be in its shard and in no other. <c>metadata.total_size</c> is not
/// compared, because published models state it wrongly.
/// </summary>
internal sealed class SafetensorsIndex
{
    private const int MaximumBytes = 100_000_000;
    private const string MapKey = "weight_map";

    private readonly string _path;

    private SafetensorsIndex(string path) => _path = path;

    /// <summary>Shard by tensor.</summary>
    public Dictionary<string, string> WeightMap { get; } = new(StringComparer.Ordinal);

    /// <summary>The shards, each once, in the order of their names.</summary>
    public IEnumerable<string> Files => WeightMap.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    public static SafetensorsIndex Read(string path)
    {
        using var file = MappedModelFile.Open(path);
        if (file.Length > MaximumBytes)
        {
            throw ModelFormatException.At(path, null, null, $"has {file.Length} bytes; an index has at most {MaximumBytes}. Give a {SafetensorsReader.IndexName}.");
        }

        var index = new SafetensorsIndex(path);
        index.Parse(file.Slice(0, (int)file.Length));
        return index;
    }

    /// <exception cref="ModelFormatException">A tensor is not in the shard the index names, or in a second one too.</exception>
    public void RequireAgreement(IReadOnlyDictionary<string, SafetensorsFile> files)
    {
        foreach (var (tensor, name) in WeightMap)
        {
            if (!files[name].Entries.ContainsKey(tensor))
            {
                throw Error(tensor, null, $"is said to be in '{name}', but is not. Take the index and all shards from the same source.");
            }
        }

        foreach (var (name, file) in files)
        {
            if (file.Entries.Keys.FirstOrDefault(tensor => WeightMap.TryGetValue(tensor, out var other) && other != name) is { } doubled)
            {
                throw Error(doubled, null, $"is in '{WeightMap[doubled]}' and in '{name}'. Take the index and all shards from the same source.");
            }
        }
    }

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
        try
        {
            Expect(ref reader, JsonTokenType.StartObject, null);
            while (NextProperty(ref reader, null) is { } key)
            {
                if (key == MapKey)
                {
                    ReadMap(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            if (reader.Read())
            {
                throw Error(null, reader.TokenStartIndex, "has text after its object. Download it again.");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: strings that are not UTF-8
        {
            throw Error(null, reader.BytesConsumed, "is not valid JSON. The file is damaged; download it again.", error);
        }

        if (WeightMap.Count == 0)
        {
            throw Error(MapKey, null, "is missing or empty. Download the file again.");
        }
    }

    private void ReadMap(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MapKey);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (NextProperty(ref reader, MapKey) is { } tensor)
        {
            Expect(ref reader, JsonTokenType.String, tensor);
            var name = reader.GetString()!;
            if (!IsPlainName(name))
            {
                throw Error(tensor, reader.TokenStartIndex, "names a shard that is no plain file name ending in .safetensors. Download the file again.");
            }

            // One string a shard, not one a tensor.
            name = known.TryGetValue(name, out var same) ? same : name;
            known.Add(name);
            if (!WeightMap.TryAdd(tensor, name))
            {
                throw Error(tensor, reader.TokenStartIndex, "appears twice. Download the file again.");
            }
        }
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 12 and < 256 && name.EndsWith(".safetensors", StringComparison.Ordinal) && name[0] != '.'
        && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;

    private string? NextProperty(ref Utf8JsonReader reader, string? field)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        return reader.TokenType == JsonTokenType.PropertyName
            ? reader.GetString()
            : throw Error(field, reader.TokenStartIndex, "is not an object of properties. Download the file again.");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string? field)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Error(field, reader.TokenStartIndex, $"has {reader.TokenType} where {type} must be. The file is damaged; download it again.");
        }
    }

    private ModelFormatException Error(string? field, long? offset, string problem, Exception? inner = null) =>
        ModelFormatException.At(_path, field, offset, problem, inner);
}
