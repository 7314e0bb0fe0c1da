using System.Runtime.CompilerServices;

namespace Parley.Corpus.Pipelines;

/// <summary>
/// A run as a readable list of steps: sources, then filters, then a sink, each document passing all of them once, one at
/// a time. Counts what every step let through; knows nothing of what the steps do.
/// </summary>
/// <example><code>
/// await new Pipeline("books").From(new JsonLinesSource(path)).Keep(new LicenceFilter()).Keep(new DuplicateFilter()).To(new DocumentSink(output));
/// </code></example>
public sealed class Pipeline(string name)
{
    private readonly List<IDocumentSource> _sources = [];
    private readonly List<IDocumentFilter> _filters = [];

    public Pipeline From(IDocumentSource source)
    {
        _sources.Add(source);
        return this;
    }

    public Pipeline Keep(IDocumentFilter filter)
    {
        _filters.Add(filter);
        return this;
    }

    /// <summary>Runs all steps; when one fails the sink leaves nothing behind.</summary>
    public async Task<PipelineReport> To(IDocumentSink sink, CancellationToken cancellationToken = default)
    {
        await using var closing = sink;
        var counts = _sources.Select(source => source.Name).Concat(_filters.Select(filter => filter.Name)).Append(sink.Name)
            .Select(step => new StepCount(step)).ToArray();
        await foreach (var document in Read(counts, cancellationToken))
        {
            if (!Passes(document, counts))
                continue;
            await sink.WriteAsync(document, cancellationToken);
            counts[^1].Add(document);
        }

        await sink.CompleteAsync(cancellationToken);
        return new PipelineReport(name, counts);
    }

    private async IAsyncEnumerable<Document> Read(StepCount[] counts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var i = 0; i < _sources.Count; i++)
        {
            await foreach (var document in _sources[i].ReadAsync(cancellationToken))
            {
                counts[i].Add(document);
                yield return document;
            }
        }
    }

    private bool Passes(Document document, StepCount[] counts)
    {
        for (var i = 0; i < _filters.Count; i++)
        {
            if (!_filters[i].Keeps(document))
                return false;
            counts[_sources.Count + i].Add(document);
        }

        return true;
    }
}
