namespace Parley.Corpus;

/// <summary>One text with its past: a stable id, where it came from, the licence it is used under. Never split, never merged.</summary>
public sealed record Document(string Id, string Text, string Source, string Licence)
{
    /// <summary>What else the source says of it (title, author, chapter ...).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
