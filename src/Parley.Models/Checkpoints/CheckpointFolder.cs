using System.Security.Cryptography;

namespace Parley.Models;

/// <summary>
/// A folder of files that are saved all or nothing and verified before anything is read: a temporary folder, every file fsynced, the manifest with every
/// SHA-256 last, then one rename. It knows names, not what is in the files.
/// </summary>
/// <param name="required">Files without which it is no checkpoint of its kind.</param>
/// <param name="optional">Further ones that may be there; others may not.</param>
internal sealed class CheckpointFolder(string[] required, string[] optional)
{
    /// <param name="folder">Must not exist yet.</param>
    /// <param name="wrap">What each file's stream is wrapped in.</param>
    /// <exception cref="IOException">It exists, the disk is full ...: one sentence; nothing is left behind.</exception>
    public void Write(string folder, string weightsId, CheckpointLineage lineage, IEnumerable<(string Name, Action<Stream> Write)> parts, Func<Stream, Stream> wrap)
    {
        try
        {
            using var staging = StagingFolder.Create(folder);
            var files = parts.Select(part => WriteFile(staging.Path, part.Name, part.Write, wrap)).ToArray();
            var manifest = CheckpointManifest.Create(weightsId, lineage, files).ToJson();
            WriteFile(staging.Path, CheckpointManifest.FileName, stream => stream.Write(manifest), wrap);
            staging.Commit();
        }
        catch (Exception error) when (DurableFiles.IsDiskError(error))
        {
            throw DurableFiles.NotWritten($"The checkpoint '{folder}'", error);
        }
    }

    /// <summary>Compares every file with the manifest and returns it.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or truncated; names the file and the remedy.</exception>
    public CheckpointManifest Verify(string folder)
    {
        var manifest = CheckpointManifest.Read(folder);
        foreach (var file in manifest.Files)
        {
            VerifyFile(folder, file);
        }

        foreach (var name in required)
        {
            _ = Find(manifest, folder, name);
        }

        return manifest;
    }

    /// <summary>One file, compared with the manifest; the others are not looked at.</summary>
    /// <exception cref="ModelFormatException">It is missing, damaged or truncated; names the file and the remedy.</exception>
    public byte[] ReadVerified(string folder, string name)
    {
        VerifyFile(folder, Find(CheckpointManifest.Read(folder), folder, name));
        return File.ReadAllBytes(Path.Combine(folder, name));
    }

    private static CheckpointFile Find(CheckpointManifest manifest, string folder, string name) =>
        manifest.Files.FirstOrDefault(file => string.Equals(file.Name, name, StringComparison.Ordinal))
        ?? throw ModelFormatException.At(Path.Combine(folder, CheckpointManifest.FileName), "files", null, $"does not list {name}. Use another checkpoint.");

    private static CheckpointFile WriteFile(string folder, string name, Action<Stream> write, Func<Stream, Stream> wrap)
    {
        using var file = DurableFiles.Create(Path.Combine(folder, name));
        using var hashing = new HashingStream(wrap(file));
        write(hashing);
        file.Flush(flushToDisk: true);
        return new CheckpointFile(name, hashing.Length, hashing.Hash());
    }

    private void VerifyFile(string folder, CheckpointFile file)
    {
        if (!required.Contains(file.Name, StringComparer.Ordinal) && !optional.Contains(file.Name, StringComparer.Ordinal))
        {
            throw ModelFormatException.At(Path.Combine(folder, CheckpointManifest.FileName), "files", null, "lists an unknown file. Use another checkpoint.");
        }

        var path = Path.Combine(folder, file.Name);
        const string remedy = "Restore it from a copy or use an earlier checkpoint.";
        if (!File.Exists(path))
        {
            throw ModelFormatException.At(path, null, null, $"is missing from the checkpoint. {remedy}");
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 18, FileOptions.SequentialScan);
        if (stream.Length != file.Bytes)
        {
            throw ModelFormatException.At(path, null, stream.Length, $"has {stream.Length} bytes where the manifest says {file.Bytes}; it is truncated. {remedy}");
        }

        if (!string.Equals(Convert.ToHexStringLower(SHA256.HashData(stream)), file.Sha256, StringComparison.Ordinal))
        {
            throw ModelFormatException.At(path, null, null, $"does not have the SHA-256 of the manifest; it is damaged. {remedy}");
        }
    }
}
