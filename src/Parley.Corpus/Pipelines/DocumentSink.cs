namespace Parley.Corpus.Pipelines;

/// <summary>Writes documents as JSON lines that <see cref="JsonLinesSource"/> reads back.</summary>
public sealed class DocumentSink(string path) : IDocumentSink
{
    private readonly AtomicFile _file = new(path);

    public string Name => $"write {Path.GetFileName(path)}";

    public ValueTask WriteAsync(Document document, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _file.WriteLine(CorpusJson.Write(document));
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        _file.Complete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
