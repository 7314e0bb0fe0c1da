namespace Parley.Corpus.Pipelines;

/// <summary>A text file that is there whole or not at all: written beside its place, fsynced, renamed.</summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly FileStream _stream;
    private bool _completed;

    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        _partial = $"{_path}.partial-{Guid.NewGuid():N}";
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _stream = new FileStream(_partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
    }

    public void WriteLine(ReadOnlySpan<byte> line)
    {
        _stream.Write(line);
        _stream.WriteByte((byte)'\n');
    }

    public void Complete()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_partial, _path, overwrite: true);
        _completed = true;
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_completed)
            File.Delete(_partial);
    }
}
