namespace Parley.Corpus.Pipelines;

/// <summary>Lets a document through or not; may remember what it saw, so one instance serves one run.</summary>
public interface IDocumentFilter
{
    string Name { get; }

    bool Keeps(Document document);
}
