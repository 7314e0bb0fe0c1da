using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Writes one file so that it appears whole or not at all, also across a crash: a hidden temporary file beside it, fsync,
/// rename, fsync of the folder. What a writer killed earlier left behind is removed first. Knows no format.
/// </summary>
internal static class DurableFiles
{
    /// <exception cref="IOException">One sentence: what was not written, why, and that nothing half-written was left behind.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target) ?? throw new IOException($"'{path}' is no file name; give one.");
        var temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.tmp-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            RemoveStale(folder, Path.GetFileName(target));
            using (var stream = Create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
            FolderFlush.Flush(folder);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            throw NotWritten($"'{path}'", error);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>A new file, locked while it is open, with a buffer that suits tensors.</summary>
    public static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 18);

    public static IOException NotWritten(string what, Exception error) =>
        new($"{what} was not written: {error.Message.TrimEnd('.')}. Nothing half-written was left behind; free space or choose another place, then try again.", error);

    /// <summary>True when no living process holds the file open for writing.</summary>
    public static bool IsAbandoned(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (IsDiskError(error))
        {
            return false;
        }
    }

    /// <summary>What the system throws when a path cannot be written, read or removed.</summary>
    public static bool IsDiskError(Exception error) => error is IOException or UnauthorizedAccessException;

    private static void RemoveStale(string folder, string name)
    {
        foreach (var stale in Directory.EnumerateFiles(folder, $".{name}.tmp-*").Where(IsAbandoned))
        {
            Remove(stale);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (IsDiskError(error))
        {
            // Clearing up must not hide what really went wrong; the next writer removes the file.
        }
    }
}
