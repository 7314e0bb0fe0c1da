namespace Parley.Corpus.Pipelines;

/// <summary>Where documents come from.</summary>
public interface IDocumentSource
{
    string Name { get; }

    IAsyncEnumerable<Document> ReadAsync(CancellationToken cancellationToken = default);
}
