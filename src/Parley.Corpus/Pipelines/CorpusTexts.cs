using System.Text.Json;

namespace Parley.Corpus.Pipelines;

/// <summary>The bare texts of corpus files, for training a tokenizer on what the model will read: documents and dialogue turns alike.</summary>
public static class CorpusTexts
{
    /// <exception cref="InvalidDataException">A file is missing, or a line has neither text nor messages; names file and line.</exception>
    public static IEnumerable<string> Read(params IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            foreach (var (index, line) in TextLines.ReadAsync(path).ToBlockingEnumerable().Index())
            {
                foreach (var text in Texts(path, index + 1, line))
                    yield return text;
            }
        }
    }

    private static string[] Texts(string path, int number, string line)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            if (record.RootElement.TryGetProperty("text", out var text))
                return [text.GetString()!];
            return [.. record.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("content").GetString()!)];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}, line {number}: neither a document nor a dialogue ({error.Message}); mend or remove the line.", error);
        }
    }
}
