namespace Parley.Corpus.Bundled;

/// <summary>
/// The table of books in SOURCES.md: which repository a chapter came from and whether its text is free everywhere. A book
/// noted as public domain in the United States only is not; nor is one the table does not name.
/// </summary>
public sealed class BookTable
{
    private const string UnitedStatesOnly = "public domain in the US, not in life+70 countries";

    private readonly Dictionary<string, bool> _freeEverywhere;

    private BookTable(Dictionary<string, bool> freeEverywhere) => _freeEverywhere = freeEverywhere;

    /// <summary>Repositories of the table, by whether their text is free everywhere.</summary>
    public IReadOnlyDictionary<string, bool> Books => _freeEverywhere;

    /// <exception cref="InvalidDataException">The file is missing or has no table of books.</exception>
    public static BookTable Load(string path)
    {
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} does not exist; without it nobody knows which books may be used.");
        var table = Parse(File.ReadAllText(path));
        return table._freeEverywhere.Count > 0 ? table : throw new InvalidDataException($"{path} has no table of books; fetch it again.");
    }

    /// <summary>Finds the table by its header (repository, commit, title ...) and reads its rows.</summary>
    public static BookTable Parse(string markdown)
    {
        var books = new Dictionary<string, bool>(StringComparer.Ordinal);
        var inside = false;
        foreach (var line in markdown.Split('\n'))
        {
            var cells = Cells(line);
            if (cells.Length < 5)
                inside = false;
            else if (cells[0].StartsWith("repository", StringComparison.Ordinal))
                inside = true;
            else if (inside && !cells[0].StartsWith("---", StringComparison.Ordinal))
                books[cells[0]] = !cells[^1].Contains(UnitedStatesOnly, StringComparison.Ordinal);
        }

        return new BookTable(books);
    }

    /// <summary>True for ids of the books' chapters, which the table must allow.</summary>
    public static bool IsChapter(string documentId) => documentId.StartsWith("se/", StringComparison.Ordinal);

    /// <summary>True when the chapter's book (<c>se/REPOSITORY/CHAPTER</c>) is in the table and free everywhere.</summary>
    public bool IsFreeEverywhere(string chapterId)
    {
        var parts = chapterId.Split('/');
        return parts.Length >= 3 && parts[0] == "se" && _freeEverywhere.GetValueOrDefault(parts[1]);
    }

    private static string[] Cells(string line)
    {
        var trimmed = line.Trim();
        return trimmed.Length > 1 && trimmed[0] == '|' && trimmed[^1] == '|'
            ? [.. trimmed[1..^1].Split('|').Select(cell => cell.Trim())]
            : [];
    }
}
