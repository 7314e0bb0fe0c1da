using System.Runtime.CompilerServices;
using System.Text.Json;
using Parley.Text;

namespace Parley.Corpus.Pipelines;

/// <summary>Dialogues in a JSONL file of OpenAI's fine-tuning shape: one <c>{"messages": [...]}</c> a line.</summary>
public static class ChatFile
{
    /// <summary>Writes all dialogues or, when making them fails, leaves the file as it was. Returns how many.</summary>
    public static long Write(string path, IEnumerable<Dialogue> dialogues, CancellationToken cancellationToken = default)
    {
        using var file = new AtomicFile(path);
        var count = 0L;
        foreach (var dialogue in dialogues)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.WriteLine(CorpusJson.Write(dialogue));
            count++;
        }

        file.Complete();
        return count;
    }

    /// <summary>Reads dialogues back, gzipped files too; fields other than the messages may be missing.</summary>
    /// <exception cref="InvalidDataException">A line has no messages; names file and line.</exception>
    public static async IAsyncEnumerable<Dialogue> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var number = 0;
        await foreach (var line in TextLines.ReadAsync(path, cancellationToken))
        {
            number++;
            if (line.Length > 0)
                yield return Parse(path, line, number);
        }
    }

    private static Dialogue Parse(string path, string line, int number)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            var root = record.RootElement;
            ChatTemplateMessage[] messages =
            [
                .. root.GetProperty("messages").EnumerateArray().Select(message =>
                    new ChatTemplateMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)),
            ];
            return new Dialogue(Field("id", $"{Path.GetFileName(path)}/{number}"), messages, Field("source", Path.GetFileName(path)), Field("license", "unknown"));

            string Field(string name, string otherwise) => root.TryGetProperty(name, out var value) ? value.GetString() ?? otherwise : otherwise;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}, line {number}: not a dialogue with messages ({error.Message}); mend or remove the line.", error);
        }
    }
}
