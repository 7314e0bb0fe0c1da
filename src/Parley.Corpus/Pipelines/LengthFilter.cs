namespace Parley.Corpus.Pipelines;

/// <summary>Keeps documents of a length in characters, both bounds included.</summary>
public sealed class LengthFilter(int shortest, int longest = int.MaxValue) : IDocumentFilter
{
    public string Name => longest == int.MaxValue ? $"keep from {shortest} characters" : $"keep {shortest} to {longest} characters";

    public bool Keeps(Document document) => document.Text.Length >= shortest && document.Text.Length <= longest;
}
