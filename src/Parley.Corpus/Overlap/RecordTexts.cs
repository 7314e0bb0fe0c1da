using System.Text.Json;
using Parley.Corpus.Pipelines;
using Parley.Text;
using Parley.Text.Shards;

namespace Parley.Corpus.Overlap;

/// <summary>
/// Texts as an overlap check reads them, without knowing a file's fields: all strings of a JSON record in their order, or lines of plain
/// text.
/// </summary>
public static class RecordTexts
{
    /// <summary>The records of an evaluation file (.jsonl, otherwise one a line; either gzipped), each with its line's number.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged, or a line is no JSON; names file and line.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Texts)> Records(string path, CancellationToken cancellationToken = default)
    {
        var (number, isJson) = (0, IsJson(path));
        foreach (var line in TextLines.ReadAsync(path, cancellationToken).ToBlockingEnumerable(cancellationToken))
        {
            number++;
            if (line.Length > 0) yield return (number, isJson ? Strings(line, path, number) : [line]);
        }
    }

    /// <summary>The documents of a training file: a record of .jsonl each, any other file whole, line by line.</summary>
    public static IEnumerable<(string Name, IEnumerable<string> Texts)> Documents(string path, CancellationToken cancellationToken = default) =>
        IsJson(path)
            ? Records(path, cancellationToken).Select(record => ($"{Path.GetFileName(path)}/{record.Line}", (IEnumerable<string>)record.Texts))
            : [(Path.GetFileName(path), TextLines.ReadAsync(path, cancellationToken).ToBlockingEnumerable(cancellationToken))];

    /// <summary>The documents of a shard set, decoded.</summary>
    /// <exception cref="InvalidDataException">The set is damaged or was made by another tokenizer.</exception>
    public static IEnumerable<(string Name, IEnumerable<string> Texts)> Shards(string folder, Tokenizer tokenizer)
    {
        using var reader = ShardReader.Open(folder, tokenizer);
        foreach (var document in reader.Documents())
        {
            var ids = new int[document.Count];
            reader.Read(document.First, ids);
            yield return (document.Id, [tokenizer.DecodeText(ids)]);
        }
    }

    /// <summary>A file itself, or the text files of a folder in the order of their names.</summary>
    /// <exception cref="InvalidDataException">The path is missing, or the folder holds no text.</exception>
    public static IReadOnlyList<string> Files(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new InvalidDataException($"{path} does not exist; name a text file, or a folder of text files or shards.");
        string[] files = [.. Directory.EnumerateFiles(path).Where(IsText).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new InvalidDataException($"{path} holds no .txt, .jsonl or .csv files (plain or .gz) and no shards.");
    }

    private static bool IsText(string file) => Path.GetExtension(WithoutGzip(file)) is ".txt" or ".jsonl" or ".csv" or ".json";

    private static string WithoutGzip(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;

    private static bool IsJson(string path) =>
        WithoutGzip(path).EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);

    private static List<string> Strings(string line, string path, int number)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            var texts = new List<string>();
            Collect(record.RootElement, texts);
            return texts;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}, line {number}: not a JSON record ({error.Message}); mend or remove the line.", error);
        }
    }

    private static void Collect(JsonElement value, List<string> texts)
    {
        if (value.ValueKind == JsonValueKind.String) texts.Add(value.GetString()!);
        else if (value.ValueKind == JsonValueKind.Array) foreach (var entry in value.EnumerateArray()) Collect(entry, texts);
        else if (value.ValueKind == JsonValueKind.Object) foreach (var field in value.EnumerateObject()) Collect(field.Value, texts);
    }
}
