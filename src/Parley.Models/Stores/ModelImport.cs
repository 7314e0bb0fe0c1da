using System.Security.Cryptography;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// Brings a model into a <see cref="ModelStore"/>: copies its files, hashing what passes, writes the manifest and moves the
/// folder to its place in one step.
/// </summary>
/// <param name="store">Where to.</param>
/// <param name="time">For the date in the manifest.</param>
public sealed class ModelImport(ModelStore store, TimeProvider time)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Told how many bytes of a file are done of how many.</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>Copies the model at <paramref name="path"/>.</summary>
    /// <param name="name">Null: the file's or folder's name.</param>
    /// <exception cref="ModelFormatException">It is no whole model, or the name is taken or impossible.</exception>
    /// <exception cref="IOException">The disk is full or a file cannot be read.</exception>
    public StoredModel Copy(string path, string? name = null, CancellationToken cancellationToken = default)
    {
        var files = ModelSourceFiles.Of(path);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var target = store.FolderOf(name ?? (Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full)));
        try
        {
            using var staging = StagingFolder.Create(target);
            var stored = files.Paths.Select(file => CopyFile(file, staging.Path, cancellationToken)).ToArray();
            var manifest = WriteManifest(staging.Path, new()
            {
                Name = Path.GetFileName(target),
                Source = full,
                Date = time.GetUtcNow(),
                Entry = files.Entry,
                Files = stored,
            });
            staging.Commit();
            return new StoredModel(target, manifest);
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            throw DurableFiles.NotWritten($"The model '{Path.GetFileName(target)}'", error);
        }
    }

    /// <summary>
    /// Takes over a folder whose files are already in place, whole and hashed, such as a finished download: writes the manifest and moves it.
    /// The folder must lie in the store's own folder, so that moving is one rename.
    /// </summary>
    public StoredModel Adopt(string folder, string name, string source, string? entry, IReadOnlyList<StoredFile> files)
    {
        var target = store.FolderOf(name);
        try
        {
            var manifest = WriteManifest(folder, new() { Name = name, Source = source, Date = time.GetUtcNow(), Entry = entry, Files = files });
            FolderFlush.Flush(folder);
            Directory.Move(folder, target);
            FolderFlush.Flush(store.Folder);
            return new StoredModel(target, manifest);
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            throw DurableFiles.NotWritten($"The model '{name}'", error);
        }
    }

    private static StoredModelManifest WriteManifest(string folder, StoredModelManifest manifest)
    {
        DurableFiles.Replace(Path.Combine(folder, StoredModelManifest.FileName), stream => stream.Write(manifest.ToJson()));
        return manifest;
    }

    private StoredFile CopyFile(string path, string folder, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        using var target = DurableFiles.Create(Path.Combine(folder, name));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var done = 0L;
        while (source.Read(buffer) is var count && count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            target.Write(buffer.AsSpan(0, count));
            hash.AppendData(buffer, 0, count);
            done += count;
            Progress?.Invoke(name, done, source.Length);
        }

        target.Flush(flushToDisk: true);
        return new StoredFile(name, done, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }
}
