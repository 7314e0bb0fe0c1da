namespace Parley.Corpus.Bundled;

/// <summary>
/// Which documents are kept for bits per byte. Whole books, because a chapter of a book whose other chapters were read is half known: its people, places
/// and turns of phrase are. Anything that is no book is held out by the hash of its id.
/// </summary>
public sealed class HeldOutBooks(IReadOnlyCollection<string> books, double share)
{
    /// <summary>True for the chapters (<c>se/REPOSITORY/CHAPTER</c>) of a held-out book, and for about the share of all other documents.</summary>
    public bool Holds(string documentId) => BookTable.IsChapter(documentId)
        ? books.Contains(documentId.Split('/')[1])
        : Pipelines.HoldOutFilter.IsHeldOut(documentId, share);
}
