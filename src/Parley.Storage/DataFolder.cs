using Parley.Protocol.Errors;

namespace Parley.Storage;

/// <summary>
/// The one folder in which an installation keeps everything. Open means owned: a second server on the same folder is refused, and a lock left
/// by a killed server is void, because the kernel releases it with the process.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream fileLock) => (Path, _lock) = (path, fileLock);

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>The SQLite file.</summary>
    public string DatabasePath => System.IO.Path.Combine(Path, SqliteDatabase.FileName);

    /// <summary>Creates the folder if need be and takes its lock.</summary>
    /// <exception cref="ParleyException">In use by another server, not writable, or no space: one sentence.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var lockPath = System.IO.Path.Combine(full, "parley.lock");
        try
        {
            Directory.CreateDirectory(full);
            return new DataFolder(full, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (StorageFailures.IsHeldByAnother(error))
        {
            throw ParleyException.Server(
                503, $"The data folder '{full}' is in use by another Parley server; stop that one or choose another folder with --data.", "data_folder_in_use", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StorageFailures.Describe(error, full)!;
        }
    }

    public void Dispose() => _lock.Dispose();
}
