using System.Collections.Frozen;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Reads the tensors of a model kept as safetensors, memory-mapped: one file, an index with its shards
/// (<see cref="SafetensorsIndex"/>), or a folder that holds either. It does not know which model the tensors make.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    public const string FileName = "model.safetensors";
    public const string IndexName = "model.safetensors.index.json";

    private readonly IReadOnlyList<SafetensorsFile> _files;
    private readonly FrozenDictionary<string, (SafetensorsEntry Entry, SafetensorsFile File)> _places;

    private SafetensorsReader(string path, IReadOnlyList<SafetensorsFile> files, IEnumerable<(string Name, SafetensorsFile File)> places)
    {
        (Path, _files) = (path, files);
        _places = places.ToFrozenDictionary(place => place.Name, place => (place.File.Entries[place.Name], place.File), StringComparer.Ordinal);
        Entries = _places.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.Entry, StringComparer.Ordinal);
    }

    /// <summary>The file, or the index.</summary>
    public string Path { get; }

    /// <summary>Every file that holds tensors.</summary>
    public IEnumerable<string> Paths => _files.Select(file => file.Path);

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The strings under <c>__metadata__</c> of the first file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _files[0].Metadata;

    /// <param name="path">A .safetensors file, an index (.json), or a folder with model.safetensors or model.safetensors.index.json.</param>
    /// <exception cref="ModelFormatException">A file is missing, truncated or damaged, or the index and the files disagree.</exception>
    public static SafetensorsReader Open(string path)
    {
        var target = Directory.Exists(path) ? InFolder(path) : path;
        return target.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FromIndex(target) : FromFile(target);
    }

    /// <summary>A read-only tensor over the file's own bytes; it keeps the file mapped.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used.</exception>
    public Tensor Map(string name)
    {
        var (entry, file) = Find(name);
        return file.Map(entry);
    }

    /// <summary>Part of a tensor: the elements of <paramref name="shape"/> from number <paramref name="first"/> on.</summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its type cannot be used.</exception>
    public Tensor Map(string name, long first, Shape shape)
    {
        var (entry, file) = Find(name);
        if (first < 0 || shape.Count > entry.Shape.Count - first)
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, $"No part {shape} of the tensor {entry.Shape} begins there.");
        }

        var bytes = SafetensorsEntry.ElementBytes(entry.StoredAs);
        return file.Map(entry with { Shape = shape, Offset = entry.Offset + (first * bytes), ByteCount = shape.Count * bytes });
    }

    /// <summary>A writable copy in memory of its own.</summary>
    public Tensor Read(string name)
    {
        var (entry, file) = Find(name);
        return file.Copy(entry);
    }

    public void Dispose() => Close(_files);

    /// <summary>Some of a tensor's stored bytes, whatever its type; valid until this reader is disposed.</summary>
    internal ReadOnlySpan<byte> Bytes(string name, long offset, int length)
    {
        var (entry, file) = Find(name);
        return file.Bytes(entry, offset, length);
    }

    /// <summary>The file that holds a tensor.</summary>
    internal string PathOf(string name) => Find(name).File.Path;

    private static string InFolder(string folder)
    {
        string[] names = [FileName, IndexName];
        return names.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw ModelFormatException.At(folder, null, null, $"the folder holds neither {FileName} nor {IndexName}. Download the model's weights into it.");
    }

    private static SafetensorsReader FromFile(string path)
    {
        var file = SafetensorsFile.Open(path);
        return new SafetensorsReader(path, [file], file.Entries.Keys.Select(name => (name, file)));
    }

    private static SafetensorsReader FromIndex(string path)
    {
        var index = SafetensorsIndex.Read(path);
        var files = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var name in index.Files)
            {
                files.Add(name, OpenShard(path, name));
            }

            index.RequireAgreement(files);
            return new SafetensorsReader(path, [.. files.Values], index.WeightMap.Select(pair => (pair.Key, files[pair.Value])));
        }
        catch
        {
            Close(files.Values);
            throw;
        }
    }

    private static SafetensorsFile OpenShard(string index, string name)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(index))!, name);
        return File.Exists(path)
            ? SafetensorsFile.Open(path)
            : throw ModelFormatException.At(path, null, null, $"is named by '{System.IO.Path.GetFileName(index)}' but is missing. Download it into the folder of the others.");
    }

    private static void Close(IEnumerable<SafetensorsFile> files)
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    private (SafetensorsEntry Entry, SafetensorsFile File) Find(string name) =>
        _places.TryGetValue(name, out var place)
            ? place
            : throw ModelFormatException.At(Path, name, null, "this tensor is missing. Restore the file from its source.");
}
