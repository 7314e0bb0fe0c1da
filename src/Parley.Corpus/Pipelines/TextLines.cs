using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace Parley.Corpus.Pipelines;

/// <summary>Reads UTF-8 text files, gzipped ones too, with errors that name the file.</summary>
internal static class TextLines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">The file is missing, its compression is damaged, it is not UTF-8, or a line is too long.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = Open(path);
        var lines = new BoundedLines(reader, path);
        while (await lines.ReadAsync(cancellationToken) is { } line)
            yield return line;
    }

    /// <summary>The whole text; it throws <see cref="DecoderFallbackException"/> where the bytes are not UTF-8.</summary>
    public static StreamReader Open(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} does not exist; check the data folder.");
        var file = File.OpenRead(path);
        return new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file, Strict);
    }
}
