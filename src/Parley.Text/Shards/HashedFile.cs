using System.Security.Cryptography;

namespace Parley.Text.Shards;

/// <summary>A file being written once from front to back, hashed on the way, fsynced when closed.</summary>
internal sealed class HashedFile(string path) : IDisposable
{
    private readonly FileStream _stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public string Name => Path.GetFileName(path);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _hash.AppendData(bytes);
    }

    /// <summary>Returns the SHA-256 in lower-case hex.</summary>
    public string Close()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }
}
