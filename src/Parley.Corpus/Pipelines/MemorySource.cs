using System.Runtime.CompilerServices;

namespace Parley.Corpus.Pipelines;

/// <summary>Documents that a program makes: a generator's, or a test's.</summary>
public sealed class MemorySource(string name, IEnumerable<Document> documents) : IDocumentSource
{
    public string Name => name;

    public async IAsyncEnumerable<Document> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return document;
        }
    }
}
