using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Parley.Corpus.Pipelines;

/// <summary>Reads text files, gzipped ones too, with errors that name the file.</summary>
internal static class TextLines
{
    /// <exception cref="InvalidDataException">The file is missing or its compression is damaged.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = Open(path);
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellationToken);
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException($"{path} is damaged ({error.Message}); fetch it again.", error);
            }

            if (line is null)
                yield break;
            yield return line;
        }
    }

    public static StreamReader Open(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} does not exist; check the data folder.");
        var file = File.OpenRead(path);
        return new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
    }
}
