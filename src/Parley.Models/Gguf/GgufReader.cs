using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Reads a GGUF model, one file or all its shards (<see cref="GgufShards"/>): metadata into memory, tensors as views of the
/// mapped files. It does not know which model the tensors make (see <see cref="GgufModel"/>).
/// </summary>
public sealed class GgufReader : IDisposable
{
    private readonly IReadOnlyList<GgufFile> _files;
    private readonly OrderedDictionary<string, (GgufTensorInfo Info, GgufFile File)> _places = new(StringComparer.Ordinal);

    private GgufReader(IReadOnlyList<GgufFile> files)
    {
        _files = files;
        foreach (var file in files)
        {
            foreach (var info in file.Tensors.Values)
            {
                if (!_places.TryAdd(info.Name, (info, file)))
                {
                    throw file.Metadata.Error(info.Name, $"this tensor is also in '{_places[info.Name].File.Path}'. Take all shards from the same source.");
                }
            }
        }

        Tensors = new OrderedDictionary<string, GgufTensorInfo>(_places.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Info)), StringComparer.Ordinal);
    }

    public uint Version => _files[0].Version;

    /// <summary>Tensor data begins on multiples of this many bytes.</summary>
    public int Alignment => _files[0].Alignment;

    /// <summary>The metadata of the first shard, which describes the model.</summary>
    public GgufMetadata Metadata => _files[0].Metadata;

    /// <summary>The tensors by name, in file order.</summary>
    public IReadOnlyDictionary<string, GgufTensorInfo> Tensors { get; }

    /// <summary>The file, or the first shard.</summary>
    public string Path => _files[0].Path;

    /// <summary>Every file the model consists of, in order.</summary>
    public IEnumerable<string> Paths => _files.Select(file => file.Path);

    /// <summary>Opens a model by its file or by any of its shards.</summary>
    /// <exception cref="ModelFormatException">A file is missing, truncated, damaged, or of a version that cannot be read.</exception>
    public static GgufReader Open(string path)
    {
        var files = GgufShards.Open(path);
        try
        {
            return new GgufReader(files);
        }
        catch
        {
            foreach (var file in files)
            {
                file.Dispose();
            }

            throw;
        }
    }

    /// <summary>A read-only tensor over the file's own bytes; it keeps the file mapped after this reader is disposed.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used.</exception>
    public Tensor Map(string name)
    {
        var (info, file) = Find(name);
        return Tensor.Map(file.Bytes, info.Offset, info.Shape, Type(info, file));
    }

    /// <summary>Part of a tensor: the elements of <paramref name="shape"/> from number <paramref name="first"/> on, whole blocks.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used.</exception>
    public Tensor Map(string name, long first, Shape shape)
    {
        var (info, file) = Find(name);
        var type = Type(info, file);
        if (first < 0 || shape.Count > info.Shape.Count - first || first % DTypes.BlockLength(type) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, $"No part {shape} of the tensor {info.Shape} begins there.");
        }

        return Tensor.Map(file.Bytes, info.Offset + DTypes.ByteCount(type, first), shape, type);
    }

    /// <summary>A writable copy in memory of its own, in the same storage type.</summary>
    public Tensor Read(string name)
    {
        var (info, file) = Find(name);
        return MappedModelFile.Copy(file.Bytes, info.Offset, info.Shape, Type(info, file));
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>Some of a tensor's stored bytes, whatever its type; valid until this reader is disposed.</summary>
    internal ReadOnlySpan<byte> Bytes(string name, long offset, int length)
    {
        var (info, file) = Find(name);
        return file.Bytes.Slice(info.Offset + offset, length);
    }

    /// <summary>The file that holds a tensor.</summary>
    internal string PathOf(string name) => Find(name).File.Path;

    private (GgufTensorInfo Info, GgufFile File) Find(string name) =>
        _places.TryGetValue(name, out var place) ? place : throw Metadata.Error(name, "this tensor is missing. Use a complete model file.");

    private static DType Type(GgufTensorInfo info, GgufFile file) => info.Type.ToDType() ?? throw file.Metadata.Error(
        info.Name,
        $"is stored as {info.Type}, which cannot be used; F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K and Q6_K can. Take the model in another quantisation.");
}
