using System.Runtime.CompilerServices;

namespace Parley.Corpus.Pipelines;

/// <summary>One document from one plain text file, gzipped when the name ends in .gz.</summary>
public sealed class PlainTextSource(string path, string licence = "unknown") : IDocumentSource
{
    public string Name => $"read {Path.GetFileName(path)}";

    public async IAsyncEnumerable<Document> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = TextLines.Open(path);
        yield return new Document(Path.GetFileName(path), await reader.ReadToEndAsync(cancellationToken), Path.GetFileName(path), licence);
    }
}
