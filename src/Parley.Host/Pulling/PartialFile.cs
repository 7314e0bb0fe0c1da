using System.Globalization;
using System.Security.Cryptography;
using Parley.Tensors;

namespace Parley.Host.Pulling;

/// <summary>
/// A file that is arriving: NAME.part, hashed as it grows, with the server's mark of the version beside it (NAME.etag), so that
/// a later run can go on. It takes its own name only when it is whole.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const string PartSuffix = ".part";
    private const string TagSuffix = ".etag";
    private const int BufferBytes = 1 << 20;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private PartialFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>The server's mark of the version these bytes are of; null when it gave none.</summary>
    public string? Tag { get; private set; }

    /// <summary>True when some bytes are of an earlier run.</summary>
    public bool WasResumed { get; private set; }

    /// <summary>Opens or creates it; what is there already is read once, for the hash.</summary>
    /// <exception cref="PullFailure">The folder cannot be written.</exception>
    public static PartialFile Open(string path, CancellationToken cancellationToken)
    {
        var stream = Disk(path, () => new FileStream(path + PartSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        var file = new PartialFile(path, stream);
        try
        {
            file.ReadExisting(cancellationToken);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 of what is there, in hex.</summary>
    public string Hash() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException error)
        {
            throw NotWritten(_path, error);
        }

        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>Remembers which version is arriving.</summary>
    public void Mark(string? tag)
    {
        if (Tag != tag)
        {
            Tag = tag;
            Disk(_path, () => File.WriteAllText(_path + TagSuffix, tag ?? ""));
        }
    }

    /// <summary>Throws away what is there.</summary>
    public void Restart()
    {
        Disk(_path, () => _stream.SetLength(0));
        _stream.Position = 0;
        _ = _hash.GetHashAndReset();
        (Length, WasResumed) = (0, false);
        Mark(null);
    }

    /// <summary>Makes the file durable and gives it its name.</summary>
    public void Complete()
    {
        Disk(_path, () => _stream.Flush(flushToDisk: true));
        Dispose();
        Disk(_path, () =>
        {
            File.Move(_path + PartSuffix, _path, overwrite: true);
            File.Delete(_path + TagSuffix);
            FolderFlush.Flush(Path.GetDirectoryName(_path)!);
        });
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private void ReadExisting(CancellationToken cancellationToken)
    {
        Tag = File.Exists(_path + TagSuffix) && File.ReadAllText(_path + TagSuffix) is { Length: > 0 } tag ? tag : null;
        var buffer = new byte[BufferBytes];
        while (_stream.Read(buffer) is var count && count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, count);
            Length += count;
        }

        WasResumed = Length > 0;
    }

    private static void Disk(string path, Action action) => Disk(path, () =>
    {
        action();
        return true;
    });

    private static T Disk<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, error);
        }
    }

    private static PullFailure NotWritten(string path, Exception error)
    {
        const int noSpace = 28; // ENOSPC; .NET keeps the plain errno on Unix and a Win32 code on Windows
        const int noSpaceOnWindows = unchecked((int)0x80070070);
        var folder = Path.GetDirectoryName(path)!;
        return error.HResult is noSpace or noSpaceOnWindows
            ? new PullFailure($"The disk of '{folder}' is full: free space there, or choose another place with --models, then run the same command again; it goes on where it stopped.", error)
            : new PullFailure(string.Create(CultureInfo.InvariantCulture, $"'{path}' cannot be written: {error.Message.TrimEnd('.')}. Choose another place with --models."), error);
    }
}
