namespace Parley.Corpus.Pipelines;

/// <summary>Where documents go. Without <see cref="CompleteAsync"/> nothing of them stays.</summary>
public interface IDocumentSink : IAsyncDisposable
{
    string Name { get; }

    ValueTask WriteAsync(Document document, CancellationToken cancellationToken = default);

    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}
