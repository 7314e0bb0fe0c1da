using Parley.Corpus.Pipelines;

namespace Parley.Host.Verbs;

/// <summary>
/// Turns paths that a person names into document sources: JSON lines, plain text, either gzipped, or a folder of such files.
/// </summary>
internal static class TextSources
{
    /// <exception cref="InvalidDataException">A path does not exist or a folder holds no text.</exception>
    public static IReadOnlyList<IDocumentSource> Of(IEnumerable<string> paths, string licence) => [.. paths.SelectMany(Files).Select(file => Open(file, licence))];

    /// <summary>Reads every file once, before any time is spent on them: that it is UTF-8, is not empty, and has no line that memory could not hold.</summary>
    /// <exception cref="InvalidDataException">A file is not fit; names file, line and remedy.</exception>
    public static void Check(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var file in FilesOf(paths)) TextFileCheck.RunAsync(file, cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>The files behind the paths, those of a folder in the order of their names.</summary>
    /// <exception cref="InvalidDataException">A path does not exist or a folder holds no text.</exception>
    public static IEnumerable<string> FilesOf(IEnumerable<string> paths) => paths.SelectMany(Files);

    /// <summary>Every document's text, one after another.</summary>
    public static IEnumerable<string> Texts(IEnumerable<IDocumentSource> sources, CancellationToken cancellationToken) =>
        sources.SelectMany(source => source.ReadAsync(cancellationToken).ToBlockingEnumerable(cancellationToken)).Select(document => document.Text);

    private static IDocumentSource Open(string file, string licence) =>
        Plain(file).EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? new JsonLinesSource(file, licence) : new PlainTextSource(file, licence);

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path))
        {
            throw new InvalidDataException(
                $"{path} does not exist; name text files (.txt, .jsonl, either also as .gz) or a folder of them.");
        }

        var files = Directory.EnumerateFiles(path).Where(IsText).Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new InvalidDataException($"{path} holds no .txt or .jsonl files (plain or .gz).");
    }

    private static bool IsText(string file) =>
        Plain(file).EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || Plain(file).EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    private static string Plain(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
}
