namespace Parley.Corpus.Pipelines;

/// <summary>Keeps documents whose licence is one of those allowed (<see cref="Licences.Permissive"/> unless given).</summary>
public sealed class LicenceFilter(IReadOnlySet<string>? allowed = null) : IDocumentFilter
{
    public string Name => "keep allowed licences";

    public bool Keeps(Document document) => (allowed ?? Licences.Permissive).Contains(document.Licence);
}
