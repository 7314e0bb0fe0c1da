using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Parley.Text.Shards;

/// <summary>
/// Reads a shard set as one long row of ids, from any position, by any number of threads. Opening checks sizes against
/// the manifest; <see cref="Verify"/> checks every byte. Does not know what order training wants.
/// </summary>
public sealed class ShardReader : IDisposable
{
    private readonly string _folder;
    private readonly SafeFileHandle[] _files;
    private readonly long[] _starts;

    private ShardReader(string folder, ShardManifest manifest, SafeFileHandle[] files)
    {
        (_folder, Manifest, _files) = (folder, manifest, files);
        _starts = new long[files.Length + 1];
        for (var i = 0; i < files.Length; i++)
            _starts[i + 1] = _starts[i] + manifest.Shards[i].Count;
    }

    public ShardManifest Manifest { get; }

    public long TokenCount => Manifest.TokenCount;

    /// <param name="folder">A finished shard set.</param>
    /// <param name="tokenizer">When given, its hash must be the one that made the ids.</param>
    /// <exception cref="InvalidDataException">The set is incomplete, damaged, or made by another tokenizer; names the file and the remedy.</exception>
    public static ShardReader Open(string folder, Tokenizer? tokenizer = null)
    {
        var manifest = ShardManifest.Load(folder);
        if (tokenizer is not null && tokenizer.Hash != manifest.TokenizerHash)
        {
            throw new InvalidDataException(
                $"{folder} was made with tokenizer {manifest.TokenizerHash[..12]}, not with {tokenizer.Hash[..12]}; tokenise the corpus again with this one.");
        }

        var files = new List<SafeFileHandle>();
        try
        {
            foreach (var shard in manifest.Shards)
                files.Add(OpenShard(Path.Combine(folder, shard.Name), shard.Count * manifest.BytesPerToken));
            return new ShardReader(folder, manifest, [.. files]);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Fills <paramref name="ids"/> from a position in the whole set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside the set.</exception>
    public void Read(long position, Span<int> ids)
    {
        if (position < 0 || position + ids.Length > TokenCount)
            throw new ArgumentOutOfRangeException(nameof(position), position, $"The set has {TokenCount} ids; {ids.Length} were asked for.");
        var shard = Array.BinarySearch(_starts, position);
        shard = shard >= 0 ? shard : ~shard - 1;
        while (!ids.IsEmpty)
        {
            var count = (int)Math.Min(ids.Length, _starts[shard + 1] - position);
            ReadFrom(shard, position - _starts[shard], ids[..count]);
            ids = ids[count..];
            position += count;
            shard++;
        }
    }

    /// <summary>The documents in order, read from disk as they are asked for.</summary>
    public IEnumerable<ShardDocument> Documents() => File.ReadLines(Path.Combine(_folder, Manifest.Documents.Name))
        .Select(line => JsonSerializer.Deserialize(line, ShardDocumentJson.Default.ShardDocument)!);

    /// <summary>Compares every file with its SHA-256.</summary>
    /// <exception cref="InvalidDataException">A file differs; names it.</exception>
    public void Verify()
    {
        foreach (var file in Manifest.Shards.Append(Manifest.Documents))
        {
            var path = Path.Combine(_folder, file.Name);
            using var stream = File.OpenRead(path);
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256)
                throw new InvalidDataException($"{path} is damaged: its SHA-256 is not the manifest's; tokenise the corpus again.");
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private static SafeFileHandle OpenShard(string path, long length)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing though the manifest names it; tokenise the corpus again.");
        var file = File.OpenHandle(path);
        if (RandomAccess.GetLength(file) == length)
            return file;
        file.Dispose();
        throw new InvalidDataException($"{path} should have {length} bytes but has another length; tokenise the corpus again.");
    }

    private void ReadFrom(int shard, long position, Span<int> ids)
    {
        var width = Manifest.BytesPerToken;
        var buffer = ArrayPool<byte>.Shared.Rent(ids.Length * width);
        var bytes = buffer.AsSpan(0, ids.Length * width);
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(_files[shard], bytes[done..], (position * width) + done);
            if (read == 0)
                throw new InvalidDataException($"{Path.Combine(_folder, Manifest.Shards[shard].Name)} ended early; tokenise the corpus again.");
            done += read;
        }

        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = width == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..])
                : BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
