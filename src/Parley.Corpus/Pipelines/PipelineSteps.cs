namespace Parley.Corpus.Pipelines;

/// <summary>Where documents come from.</summary>
public interface IDocumentSource
{
    string Name { get; }

    IAsyncEnumerable<Document> ReadAsync(CancellationToken cancellationToken = default);
}

/// <summary>Lets a document through or not; may remember what it saw, so one instance serves one run.</summary>
public interface IDocumentFilter
{
    string Name { get; }

    bool Keeps(Document document);
}

/// <summary>Where documents go. Without <see cref="CompleteAsync"/> nothing of them stays.</summary>
public interface IDocumentSink : IAsyncDisposable
{
    string Name { get; }

    ValueTask WriteAsync(Document document, CancellationToken cancellationToken = default);

    ValueTask CompleteAsync(CancellationToken cancellationToken = default);
}
