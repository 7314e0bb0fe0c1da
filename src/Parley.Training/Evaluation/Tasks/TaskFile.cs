using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>A task's questions as they were read, with the SHA-256 of the file's bytes as they lie on disk.</summary>
public sealed record TaskFile(string Path, string Sha256, IReadOnlyList<TaskItem> Items)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Where a task's file lies: in one of the folders or one folder below, plain or gzipped; null when nowhere.</summary>
    public static string? Find(EvaluationTask task, IEnumerable<string> folders) =>
        folders.SelectMany(folder => Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Prepend(folder))
            .SelectMany(folder => new[] { System.IO.Path.Combine(folder, task.File), System.IO.Path.Combine(folder, task.File + ".gz") })
            .FirstOrDefault(File.Exists);

    /// <summary>Reads a task's file whole.</summary>
    /// <exception cref="InvalidDataException">A line is not a record of the task (names file, line and field), the file is damaged or has none.</exception>
    public static TaskFile Read(EvaluationTask task, string path)
    {
        var bytes = File.ReadAllBytes(path);
        var (items, number) = (new List<TaskItem>(), 0);
        using var reader = new StreamReader(Open(bytes, path), StrictUtf8);
        try
        {
            while (reader.ReadLine() is { } line)
            {
                number++;
                if (line.Length > 0) items.Add(Parse(task, line));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or DecoderFallbackException)
        {
            throw new InvalidDataException($"{path}, line {number}: not a question of {task.Name}: {error.Message.TrimEnd('.')}; mend or remove the line.", error);
        }

        return items.Count > 0
            ? new(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), items)
            : throw new InvalidDataException($"{path} holds no question; fetch it again.");
    }

    private static TaskItem Parse(EvaluationTask task, string line)
    {
        using var record = JsonDocument.Parse(line);
        return task.Read(record.RootElement);
    }

    private static Stream Open(byte[] bytes, string path)
    {
        var stream = new MemoryStream(bytes, writable: false);
        return path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }
}
