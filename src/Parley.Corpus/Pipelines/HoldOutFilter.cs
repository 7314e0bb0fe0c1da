using Parley.Corpus.Generators;

namespace Parley.Corpus.Pipelines;

/// <summary>
/// Cuts a share of documents off for evaluation, by the hash of the id: the same documents whatever else is in the corpus.
/// </summary>
public sealed class HoldOutFilter(double share, bool keepHeldOut) : IDocumentFilter
{
    public string Name => keepHeldOut ? "keep the held-out part" : "keep the training part";

    public bool Keeps(Document document) => IsHeldOut(document.Id, share) == keepHeldOut;

    /// <summary>True for about <paramref name="share"/> of all ids.</summary>
    public static bool IsHeldOut(string id, double share) => StableHash.Share("hold-out/" + id) < share;
}
