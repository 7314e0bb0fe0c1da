using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Parses and validates the header of a safetensors file (https://github.com/huggingface/safetensors): an eight-byte
/// length, a JSON object, then the data. Trusts nothing: every range must lie in the file, and the ranges together must
/// cover the data without a hole or an overlap. Memory stays proportional to the header that is really there.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int LengthBytes = 8;
    public const string MetadataKey = "__metadata__";
    private const int MaximumBytes = 100_000_000; // the limit of the reference implementation

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataLength;
    private long _position; // of the JSON token read last, for errors

    private SafetensorsHeader(string path, long dataStart, long dataLength) => (_path, _dataStart, _dataLength) = (path, dataStart, dataLength);

    public Dictionary<string, SafetensorsEntry> Entries { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public static SafetensorsHeader Read(MappedFile file)
    {
        if (file.Length < LengthBytes)
        {
            throw ModelFormatException.At(file.Path, null, 0, $"has only {file.Length} bytes and no header. Copy or download it again.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes));
        if (length > (ulong)(file.Length - LengthBytes) || length > MaximumBytes)
        {
            throw ModelFormatException.At(
                file.Path, null, 0, $"claims a header of {length} bytes in a file of {file.Length}. It is no safetensors file or is truncated; download it again.");
        }

        var start = LengthBytes + (long)length;
        var header = new SafetensorsHeader(file.Path, start, file.Length - start);
        header.Parse(file.Slice(LengthBytes, (int)length));
        header.RequireCovered();
        return header;
    }

    private void Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            Expect(ref reader, JsonTokenType.StartObject, null);
            while (NextProperty(ref reader, null) is { } name)
            {
                if (string.Equals(name, MetadataKey, StringComparison.Ordinal))
                {
                    ReadMetadata(ref reader);
                }
                else if (!Entries.TryAdd(name, ReadEntry(ref reader, name)))
                {
                    throw Error(name, "appears twice. Write the file again.");
                }
            }

            if (reader.Read())
            {
                throw Error(null, "has text after the header's object. Write the file again.");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the latter: strings that are not UTF-8
        {
            var offset = LengthBytes + reader.BytesConsumed;
            throw ModelFormatException.At(_path, null, offset, "the header is not valid JSON. The file is damaged; download it again.", error);
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (NextProperty(ref reader, MetadataKey) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, key);
            Metadata[key] = reader.GetString()!;
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        Shape? shape = null;
        (long Begin, long End)? range = null;
        Expect(ref reader, JsonTokenType.StartObject, name);
        while (NextProperty(ref reader, name) is { } field)
        {
            switch (field)
            {
                case "dtype": type = ReadType(ref reader, name); break;
                case "shape": shape = ReadShape(ref reader, name); break;
                case "data_offsets": range = ReadRange(ref reader, name); break;
                default: throw Error(name, $"has the unknown property '{field}'. Write the file again.");
            }
        }

        if (type is null || shape is null || range is null)
        {
            throw Error(name, "lacks dtype, shape or data_offsets. Write the file again.");
        }

        return Checked(name, type, shape.Value, range.Value);
    }

    private SafetensorsEntry Checked(string name, string type, Shape shape, (long Begin, long End) range)
    {
        var (begin, end) = range;
        if (begin < 0 || end < begin || end > _dataLength)
        {
            throw Error(name, $"lies at bytes {begin} to {end} of {_dataLength} data bytes. The file is damaged or truncated; download it again.");
        }

        var bytes = shape.Count * SafetensorsEntry.ElementBytes(type);
        if (bytes != end - begin)
        {
            throw Error(name, $"{type} {shape} takes {bytes} bytes, but {end - begin} are given. The file is damaged; download it again.");
        }

        return new SafetensorsEntry(name, type, shape, _dataStart + begin, bytes);
    }

    private string ReadType(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.String, name);
        var text = reader.GetString()!;
        return SafetensorsEntry.ElementBytes(text) > 0
            ? text
            : throw Error(name, $"is stored as {(text.Length < 20 ? $"\"{text}\"" : "a type")}, which is unknown. The file is damaged or newer than this reader; convert it again.");
    }

    private Shape ReadShape(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        Span<int> extents = stackalloc int[TensorShapes.MaximumRank];
        var (rank, count) = (0, 1L);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == extents.Length || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out extents[rank]) || extents[rank] < 0)
            {
                throw Error(name, $"has a shape that is not up to {TensorShapes.MaximumRank} extents below 2^31. Write the file again.");
            }

            var extent = extents[rank++];
            if (extent != 0 && count > _dataLength / extent)
            {
                throw Error(name, $"has more elements than the {_dataLength} data bytes could hold. The file is damaged; download it again.");
            }

            count *= extent;
        }

        return TensorShapes.From(extents[..rank]);
    }

    private (long Begin, long End) ReadRange(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        Span<long> ends = stackalloc long[2];
        for (var i = 0; i < ends.Length; i++)
        {
            Expect(ref reader, JsonTokenType.Number, name);
            if (!reader.TryGetInt64(out ends[i]))
            {
                throw Error(name, "has data_offsets that are no whole numbers. Write the file again.");
            }
        }

        Expect(ref reader, JsonTokenType.EndArray, name);
        return (ends[0], ends[1]);
    }

    private void RequireCovered()
    {
        var expected = _dataStart;
        foreach (var entry in Entries.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteCount))
        {
            if (entry.Offset != expected)
            {
                var problem = entry.Offset < expected ? "overlaps the tensor before it" : "leaves a hole before it";
                throw ModelFormatException.At(_path, entry.Name, entry.Offset, $"{problem}. Write the file again.");
            }

            expected += entry.ByteCount;
        }

        if (expected != _dataStart + _dataLength)
        {
            throw ModelFormatException.At(_path, null, expected, $"{_dataStart + _dataLength - expected} bytes at the end belong to no tensor. Download it again.");
        }
    }

    private string? NextProperty(ref Utf8JsonReader reader, string? field)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        _position = reader.TokenStartIndex;
        return reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : throw Error(field, "is not an object of properties. Write the file again.");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string? field)
    {
        var found = reader.Read() && reader.TokenType == type;
        _position = reader.TokenStartIndex;
        if (!found)
        {
            throw Error(field, string.Create(CultureInfo.InvariantCulture, $"has {reader.TokenType} where {type} must be. The file is damaged; download it again."));
        }
    }

    private ModelFormatException Error(string? field, string problem) => ModelFormatException.At(_path, field, LengthBytes + _position, problem);
}
