using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Parley.Corpus.Pipelines;

/// <summary>
/// Documents from JSON lines, gzipped when the name ends in .gz: each record has <c>text</c> and may have <c>id</c>,
/// <c>license</c> and <c>source</c>; its other strings become metadata. The licence given here counts where a record has none.
/// </summary>
public sealed class JsonLinesSource(string path, string licence = "unknown") : IDocumentSource
{
    public string Name => $"read {Path.GetFileName(path)}";

    /// <exception cref="InvalidDataException">A line is not a record with a text; names file and line.</exception>
    public async IAsyncEnumerable<Document> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var number = 0;
        await foreach (var line in TextLines.ReadAsync(path, cancellationToken))
        {
            number++;
            if (line.Length > 0)
                yield return Parse(line, number);
        }
    }

    private Document Parse(string line, int number)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            var fields = record.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(field => field.Name, field => field.Value.GetString()!, StringComparer.Ordinal);
            return new Document(
                fields.GetValueOrDefault("id", $"{Path.GetFileName(path)}/{number}"),
                fields["text"],
                fields.GetValueOrDefault("source", Path.GetFileName(path)),
                fields.GetValueOrDefault("license", licence))
            {
                Metadata = fields.Where(field => field.Key is not ("id" or "text" or "source" or "license")).ToDictionary(StringComparer.Ordinal),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}, line {number}: not a JSON record with a text ({error.Message}); mend or remove the line.", error);
        }
    }
}
