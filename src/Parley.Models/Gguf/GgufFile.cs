using System.Numerics;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// One GGUF file, version 2 or 3, little-endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): metadata in
/// memory, tensors where they lie in the mapped file. Everything is validated on opening: counts against the bytes that are
/// there, ranges against the file and each other. It knows nothing of other shards (see <see cref="GgufReader"/>).
/// </summary>
internal sealed class GgufFile : IDisposable
{
    public const uint Magic = 0x4655_4747; // "GGUF" in file order
    public const int DefaultAlignment = 32;
    public const string AlignmentKey = "general.alignment";
    private const int LeastPairBytes = 8 + 4 + 1;
    private const int LeastTensorBytes = 8 + 4 + 8 + 4 + 8;

    private readonly OrderedDictionary<string, GgufTensorInfo> _tensors = new(StringComparer.Ordinal);

    private GgufFile(MappedFile bytes)
    {
        Bytes = bytes;
        var cursor = new GgufCursor(bytes);
        Version = ReadVersion(cursor);
        var tensors = cursor.Count(LeastTensorBytes, "tensor_count");
        var pairs = cursor.Count(LeastPairBytes, "metadata_kv_count");
        Metadata = ReadMetadata(cursor, pairs);
        Alignment = ReadAlignment();
        ReadTensors(cursor, tensors);
    }

    public MappedFile Bytes { get; }

    public string Path => Bytes.Path;

    public uint Version { get; }

    public int Alignment { get; }

    public GgufMetadata Metadata { get; }

    /// <summary>The tensors by name, in file order.</summary>
    public IReadOnlyDictionary<string, GgufTensorInfo> Tensors => _tensors;

    /// <exception cref="ModelFormatException">The file is missing, truncated, damaged, or of a version that cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        var file = MappedModelFile.Open(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => Bytes.Dispose();

    private static uint ReadVersion(GgufCursor cursor)
    {
        if (cursor.Remaining < 4 || cursor.UInt32("magic") != Magic)
        {
            throw ModelFormatException.At(cursor.Path, "magic", 0, "does not begin with \"GGUF\". Give a .gguf file.");
        }

        var version = cursor.UInt32("version");
        return version is 2 or 3
            ? version
            : throw ModelFormatException.At(cursor.Path, "version", 4, (version & 0xFFFF) == 0 && version != 0
                ? "is big-endian. Convert the model for little-endian machines."
                : $"is GGUF version {version}; 2 and 3 can be read. Convert the model again.");
    }

    private static GgufMetadata ReadMetadata(GgufCursor cursor, int pairs)
    {
        var metadata = new GgufMetadata(cursor.Path);
        for (var i = 0; i < pairs; i++)
        {
            var key = cursor.Text("metadata key");
            if (metadata.Contains(key))
            {
                throw cursor.Error(key, "appears twice. Convert the model again.");
            }

            metadata[key] = GgufValueReader.Read(cursor, key);
        }

        return metadata;
    }

    private int ReadAlignment()
    {
        var alignment = Metadata.Integer(AlignmentKey, DefaultAlignment);
        return alignment > 0 && BitOperations.IsPow2(alignment) && alignment <= 1 << 20
            ? alignment
            : throw Metadata.Error(AlignmentKey, $"{alignment} is not a power of two up to {1 << 20}. Convert the model again.");
    }

    private void ReadTensors(GgufCursor cursor, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var info = GgufTensorReader.Read(cursor);
            if (!_tensors.TryAdd(info.Name, info))
            {
                throw cursor.Error(info.Name, "this tensor appears twice. Convert the model again.");
            }
        }

        var start = (cursor.Position + Alignment - 1) / Alignment * Alignment;
        foreach (var (name, info) in _tensors.ToArray())
        {
            _tensors[name] = GgufTensorReader.Place(info, start, Alignment, cursor);
        }

        RequireDisjoint();
    }

    private void RequireDisjoint()
    {
        var end = 0L;
        foreach (var info in _tensors.Values.OrderBy(info => info.Offset))
        {
            if (info.Offset < end)
            {
                throw ModelFormatException.At(Path, info.Name, info.Offset, "this tensor overlaps the one before it. The file is damaged; download it again.");
            }

            end = info.Offset + info.ByteCount;
        }
    }
}
