using System.Globalization;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>Any file or folder that holds tensors, GGUF or safetensors, seen alike: names, shapes, types and bytes. It knows no model.</summary>
public sealed class TensorContainer : IDisposable
{
    private readonly GgufReader? _gguf;
    private readonly SafetensorsReader? _safetensors;

    private TensorContainer(GgufReader reader)
    {
        _gguf = reader;
        Tensors = [.. reader.Tensors.Values.Select(info => new ContainedTensor(info.Name, info.Shape, info.Type.ToString(), info.Type.ToDType(), info.ByteCount, reader.PathOf(info.Name)))];
    }

    private TensorContainer(SafetensorsReader reader)
    {
        _safetensors = reader;
        Tensors =
        [
            .. reader.Entries.Values.Select(entry => new ContainedTensor(entry.Name, entry.Shape, entry.StoredAs, entry.DType, entry.ByteCount, reader.PathOf(entry.Name)))
                .OrderBy(tensor => tensor.Name, StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering)),
        ];
    }

    /// <summary>GGUF in file order, safetensors by name.</summary>
    public IReadOnlyList<ContainedTensor> Tensors { get; }

    /// <summary>The format in words.</summary>
    public string Format => _gguf is { } gguf ? $"GGUF version {gguf.Version}" : "safetensors";

    /// <summary>Every file.</summary>
    public IReadOnlyList<string> Paths => [.. _gguf?.Paths ?? _safetensors!.Paths];

    /// <summary>Metadata keys of a GGUF file; null for safetensors.</summary>
    public GgufMetadata? Metadata => _gguf?.Metadata;

    /// <param name="path">A .gguf file or shard, a .safetensors file, an index, or a folder of safetensors.</param>
    /// <exception cref="ModelFormatException">It is missing, damaged, or of another format.</exception>
    public static TensorContainer Open(string path)
    {
        var safetensors = Directory.Exists(path) || Path.GetExtension(path).ToUpperInvariant() is ".SAFETENSORS" or ".JSON";
        return safetensors ? new TensorContainer(SafetensorsReader.Open(path)) : new TensorContainer(GgufReader.Open(path));
    }

    /// <summary>Some of a tensor's stored bytes; valid until this container is disposed.</summary>
    public ReadOnlySpan<byte> Bytes(ContainedTensor tensor, long offset, int length) =>
        _gguf is { } gguf ? gguf.Bytes(tensor.Name, offset, length) : _safetensors!.Bytes(tensor.Name, offset, length);

    public void Dispose()
    {
        _gguf?.Dispose();
        _safetensors?.Dispose();
    }
}

/// <summary>One tensor of a <see cref="TensorContainer"/>.</summary>
/// <param name="StoredAs">The type as the format names it.</param>
/// <param name="DType">Our type of the same layout; null when we cannot compute with it.</param>
/// <param name="File">The file that holds it.</param>
public sealed record ContainedTensor(string Name, Shape Shape, string StoredAs, DType? DType, long ByteCount, string File);
