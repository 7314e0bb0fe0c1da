using System.Security.Cryptography;

namespace Parley.Models;

/// <summary>Compares the files of a stored model with the sizes and hashes of its manifest.</summary>
public static class StoreVerification
{
    private const int BufferBytes = 1 << 20;

    /// <param name="progress">Told per file how many bytes are done of how many.</param>
    /// <exception cref="ModelFormatException">A file is missing, of another length, or of another hash.</exception>
    public static void Run(StoredModel model, Action<string, long, long>? progress = null, CancellationToken cancellationToken = default)
    {
        foreach (var file in model.Manifest.Files)
        {
            Verify(Path.Combine(model.Folder, file.Name), file, progress, cancellationToken);
        }
    }

    private static void Verify(string path, StoredFile file, Action<string, long, long>? progress, CancellationToken cancellationToken)
    {
        const string remedy = "Import or pull the model again.";
        if (!File.Exists(path))
        {
            throw ModelFormatException.At(path, null, null, $"is in the manifest but missing. {remedy}");
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        if (stream.Length != file.Bytes)
        {
            throw ModelFormatException.At(path, null, null, $"has {stream.Length} bytes where the manifest says {file.Bytes}. {remedy}");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var done = 0L;
        while (stream.Read(buffer) is var count && count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            done += count;
            progress?.Invoke(file.Name, done, file.Bytes);
        }

        if (!string.Equals(Convert.ToHexStringLower(hash.GetCurrentHash()), file.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw ModelFormatException.At(path, null, null, $"does not have the SHA-256 of the manifest; it is damaged. {remedy}");
        }
    }
}
