namespace Parley.Corpus.Pipelines;

/// <summary>Keeps what a predicate says, under a name for the report.</summary>
public sealed class PredicateFilter(string name, Func<Document, bool> keeps) : IDocumentFilter
{
    public string Name => name;

    public bool Keeps(Document document) => keeps(document);
}
