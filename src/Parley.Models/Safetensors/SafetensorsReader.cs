using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Reads tensors out of one safetensors file, memory-mapped, after its header has been validated whole. It does not know
/// which model the tensors make.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsReader(MappedFile file, SafetensorsHeader header) => (_file, _header) = (file, header);

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="ModelFormatException">The file is missing, truncated, damaged, or holds a type that cannot be read.</exception>
    public static SafetensorsReader Open(string path)
    {
        var file = MappedModelFile.Open(path);
        try
        {
            return new SafetensorsReader(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A read-only tensor over the file's own bytes; it keeps the file mapped.</summary>
    public Tensor Map(string name)
    {
        var entry = Find(name);
        return Tensor.Map(_file, entry.Offset, entry.Shape, entry.DType);
    }

    /// <summary>A writable copy in memory of its own.</summary>
    public Tensor Read(string name)
    {
        var entry = Find(name);
        return MappedModelFile.Copy(_file, entry.Offset, entry.Shape, entry.DType);
    }

    public void Dispose() => _file.Dispose();

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw ModelFormatException.At(_file.Path, name, null, "this tensor is missing. Restore the file from its source.");
}
