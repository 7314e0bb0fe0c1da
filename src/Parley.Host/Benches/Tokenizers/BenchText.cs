using System.Text;
using Parley.Corpus.Generators;
using Parley.Corpus.Pipelines;

namespace Parley.Host.Benches.Tokenizers;

/// <summary>
/// English prose for the bench: the books of the shared data folder beside the repository where it is there, otherwise generated sentences, which
/// are easier. Documents are repeated until there is enough.
/// </summary>
internal static class BenchText
{
    private const string Books = "../shared/data/books";

    /// <returns>At least so many bytes of UTF-8 in documents, and what they are, in words.</returns>
    public static (IReadOnlyList<string> Documents, string Name) Read(long bytes)
    {
        var files = Directory.Exists(Books) ? Directory.GetFiles(Books, "*.jsonl.gz").Order(StringComparer.Ordinal).ToArray() : [];
        string[] texts = files.Length > 0
            ? [.. CorpusTexts.Read(files)]
            : [.. TinyWorld.Documents(1, 20_000).Select(document => document.Text)];
        var documents = new List<string>();
        for (var (index, size) = (0, 0L); size < bytes; index++)
        {
            documents.Add(texts[index % texts.Length]);
            size += Encoding.UTF8.GetByteCount(documents[^1]);
        }

        return (documents, files.Length > 0 ? "books" : "generated sentences");
    }
}
