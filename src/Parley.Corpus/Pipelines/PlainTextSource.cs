using System.Runtime.CompilerServices;
using System.Text;

namespace Parley.Corpus.Pipelines;

/// <summary>
/// One document from one plain text file, gzipped when the name ends in .gz; a file of more than <paramref name="most"/> characters becomes several, cut
/// at line ends, so that no document outgrows memory.
/// </summary>
public sealed class PlainTextSource(string path, string licence = "unknown", int most = 16 << 20) : IDocumentSource
{
    public string Name => $"read {Path.GetFileName(path)}";

    /// <exception cref="InvalidDataException">The file is missing, not UTF-8, or has no line end for far too long; names it.</exception>
    public async IAsyncEnumerable<Document> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = TextLines.Open(path);
        var (text, block, parts) = (new StringBuilder(), new char[1 << 16], 0);
        while (await FillAsync(reader, block, cancellationToken) is > 0 and var count)
        {
            var cut = text.Length + count <= most ? -1 : block.AsSpan(0, count).LastIndexOf('\n');
            text.Append(block, 0, cut + 1);
            if (cut >= 0)
            {
                yield return Part(text, ++parts);
                text.Clear();
            }

            text.Append(block, cut + 1, count - cut - 1);
            if (text.Length > BoundedLines.Longest)
                throw new InvalidDataException($"{path} has no line end for more than {BoundedLines.Longest - most:N0} characters; break its lines.");
        }

        if (text.Length > 0 || parts == 0)
            yield return Part(text, parts == 0 ? 0 : parts + 1);
    }

    private async ValueTask<int> FillAsync(StreamReader reader, char[] block, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadBlockAsync(block, cancellationToken);
        }
        catch (Exception error) when (error is DecoderFallbackException or InvalidDataException)
        {
            throw new InvalidDataException($"{path} is damaged or not UTF-8 text ({error.Message}); convert it to UTF-8, or fetch it again.", error);
        }
    }

    private Document Part(StringBuilder text, int part)
    {
        var name = Path.GetFileName(path);
        return new Document(part == 0 ? name : $"{name}#{part}", text.ToString(), name, licence);
    }
}
