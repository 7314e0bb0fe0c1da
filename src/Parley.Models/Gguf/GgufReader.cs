using System.Numerics;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Reads a GGUF file, version 2 or 3, little-endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): metadata
/// into memory, tensors as views of the mapped file. Everything is validated on opening: counts against the bytes that are
/// there, ranges against the file and each other. It does not know which model the tensors make (see <see cref="GgufModel"/>).
/// </summary>
public sealed class GgufReader : IDisposable
{
    internal const uint Magic = 0x4655_4747; // "GGUF" in file order
    internal const int DefaultAlignment = 32;
    internal const string AlignmentKey = "general.alignment";
    private const int LeastPairBytes = 8 + 4 + 1;
    private const int LeastTensorBytes = 8 + 4 + 8 + 4 + 8;

    private readonly MappedFile _file;
    private readonly OrderedDictionary<string, GgufTensorInfo> _tensors = new(StringComparer.Ordinal);

    private GgufReader(MappedFile file)
    {
        _file = file;
        var cursor = new GgufCursor(file);
        Version = ReadVersion(cursor);
        var tensors = cursor.Count(LeastTensorBytes, "tensor_count");
        var pairs = cursor.Count(LeastPairBytes, "metadata_kv_count");
        Metadata = ReadMetadata(cursor, pairs);
        Alignment = ReadAlignment();
        ReadTensors(cursor, tensors);
    }

    public uint Version { get; }

    /// <summary>Tensor data begins on multiples of this many bytes.</summary>
    public int Alignment { get; }

    public GgufMetadata Metadata { get; }

    /// <summary>The tensors by name, in file order.</summary>
    public IReadOnlyDictionary<string, GgufTensorInfo> Tensors => _tensors;

    public string Path => _file.Path;

    /// <exception cref="ModelFormatException">The file is missing, truncated, damaged, or of a version that cannot be read.</exception>
    public static GgufReader Open(string path)
    {
        var file = MappedModelFile.Open(path);
        try
        {
            return new GgufReader(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A read-only tensor over the file's own bytes; it keeps the file mapped after this reader is disposed.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used yet.</exception>
    public Tensor Map(string name)
    {
        var info = Find(name);
        return Tensor.Map(_file, info.Offset, info.Shape, Type(info));
    }

    /// <summary>Part of a tensor: the elements of <paramref name="shape"/> from number <paramref name="first"/> on, whole blocks.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used yet.</exception>
    public Tensor Map(string name, long first, Shape shape)
    {
        var info = Find(name);
        var type = Type(info);
        if (first < 0 || shape.Count > info.Shape.Count - first || first % DTypes.BlockLength(type) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, $"No part {shape} of the tensor {info.Shape} begins there.");
        }

        return Tensor.Map(_file, info.Offset + DTypes.ByteCount(type, first), shape, type);
    }

    /// <summary>A writable copy in memory of its own, in the same storage type.</summary>
    public Tensor Read(string name)
    {
        var info = Find(name);
        return MappedModelFile.Copy(_file, info.Offset, info.Shape, Type(info));
    }

    public void Dispose() => _file.Dispose();

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

    private GgufTensorInfo Find(string name) =>
        _tensors.TryGetValue(name, out var info) ? info : throw Metadata.Error(name, "this tensor is missing. Use a complete model file.");

    private DType Type(GgufTensorInfo info) => info.Type.ToDType()
        ?? throw Metadata.Error(info.Name, $"is stored as {info.Type}, which cannot be used; F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K and Q6_K can. Take the model in another quantisation.");
}
