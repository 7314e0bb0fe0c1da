using Parley.Tensors;

namespace Parley.Models;

/// <summary>One safetensors file, mapped, after its header has been validated whole. It knows nothing of other shards.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _bytes;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile bytes, SafetensorsHeader header) => (_bytes, _header) = (bytes, header);

    public string Path => _bytes.Path;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="ModelFormatException">The file is missing, truncated or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        var bytes = MappedModelFile.Open(path);
        try
        {
            return new SafetensorsFile(bytes, SafetensorsHeader.Read(bytes));
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public Tensor Map(SafetensorsEntry entry) => Tensor.Map(_bytes, entry.Offset, entry.Shape, Type(entry));

    public Tensor Copy(SafetensorsEntry entry) => MappedModelFile.Copy(_bytes, entry.Offset, entry.Shape, Type(entry));

    public ReadOnlySpan<byte> Bytes(SafetensorsEntry entry, long offset, int length) => _bytes.Slice(entry.Offset + offset, length);

    public void Dispose() => _bytes.Dispose();

    private DType Type(SafetensorsEntry entry) => entry.DType ?? throw ModelFormatException.At(
        Path, entry.Name, entry.Offset, $"is stored as {entry.StoredAs}; F32, F16 and BF16 can be used. Convert the file.");
}
