using System.Text.RegularExpressions;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// A hidden folder that becomes the target by one rename, or vanishes. A lock file beside it, created before and deleted
/// after the folder, tells living writers from dead ones; the folders of the dead are removed by the next writer. Knows
/// nothing of what is written.
/// </summary>
internal sealed partial class StagingFolder : IDisposable
{
    private const string LockSuffix = ".lock";
    private readonly string _target;
    private readonly FileStream _lock;

    private StagingFolder(string target, string path, FileStream @lock) => (_target, Path, _lock) = (target, path, @lock);

    public string Path { get; }

    /// <exception cref="IOException">The target exists already, or its parent cannot be written.</exception>
    public static StagingFolder Create(string target)
    {
        target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        var parent = System.IO.Path.GetDirectoryName(target) ?? throw new IOException($"'{target}' is no folder name; give one.");
        Directory.CreateDirectory(parent);
        RemoveStale(parent);
        if (System.IO.Path.Exists(target))
        {
            throw new IOException($"'{target}' exists already; remove it or choose another name");
        }

        var (path, @lock) = Reserve(parent, System.IO.Path.GetFileName(target));
        Directory.CreateDirectory(path);
        return new StagingFolder(target, path, @lock);
    }

    /// <summary>Makes the folder durable and gives it its final name.</summary>
    public void Commit()
    {
        FolderFlush.Flush(Path);
        Directory.Move(Path, _target);
        FolderFlush.Flush(System.IO.Path.GetDirectoryName(_target)!);
    }

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(Path))
            {
                Directory.Delete(Path, recursive: true);
            }

            File.Delete(_lock.Name);
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            // Clearing up must not hide what really went wrong; without its lock the rest is removed by the next writer.
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private static (string Path, FileStream Lock) Reserve(string parent, string name)
    {
        for (var attempt = 1; ; attempt++)
        {
            var path = System.IO.Path.Combine(parent, $".{name}.tmp-{Guid.NewGuid():N}");
            try
            {
                return (path, new FileStream(path + LockSuffix, FileMode.CreateNew, FileAccess.Write, FileShare.None));
            }
            catch (IOException) when (attempt < 3)
            {
                // Another writer, clearing up, looked at the file between its creation and its lock; a new name is free.
            }
        }
    }

    private static void RemoveStale(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, ".*").Where(path => StagingName().IsMatch(path)).ToArray())
        {
            if (DurableFiles.IsAbandoned(folder + LockSuffix) && Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (var file in Directory.EnumerateFiles(parent, ".*" + LockSuffix).ToArray())
        {
            var folder = file[..^LockSuffix.Length];
            if (StagingName().IsMatch(folder) && !Directory.Exists(folder) && DurableFiles.IsAbandoned(file))
            {
                File.Delete(file);
            }
        }
    }

    [GeneratedRegex(@"\.tmp-[0-9a-f]{32}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StagingName();
}
