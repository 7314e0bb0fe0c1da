using System.Runtime.CompilerServices;
using System.Text.Json;
using Parley.Corpus.Pipelines;
using Parley.Text;

namespace Parley.Corpus.Bundled;

/// <summary>
/// The instruction files of the data folder as dialogues: single tasks {instruction, input, output}, seed tasks with
/// instances, and ready conversations. Knows the three record shapes, not which licences are wanted.
/// </summary>
internal static class InstructionFiles
{
    public static async IAsyncEnumerable<Dialogue> ReadAllAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var dialogue in ReadTasksAsync(Path.Combine(folder, "tasks-train.jsonl.gz"), Task, cancellationToken))
            yield return dialogue;
        await foreach (var dialogue in ReadTasksAsync(Path.Combine(folder, "self-instruct-seed_tasks.jsonl.gz"), SeedTask, cancellationToken))
            yield return dialogue;
        await foreach (var dialogue in ChatFile.ReadAsync(Path.Combine(folder, "oasst-seed-dialogues.jsonl.gz"), cancellationToken))
            yield return dialogue;
    }

    internal static Dialogue Task(JsonElement record) => new(
        record.GetProperty("id").GetString()!,
        Turn(record.GetProperty("instruction").GetString()!, record.GetProperty("input").GetString()!, record.GetProperty("output").GetString()!),
        record.GetProperty("source").GetString()!,
        record.GetProperty("license").GetString()!);

    internal static Dialogue SeedTask(JsonElement record)
    {
        var instance = record.GetProperty("instances")[0];
        return new Dialogue(
            $"self-instruct/{record.GetProperty("id").GetString()}",
            Turn(record.GetProperty("instruction").GetString()!, instance.GetProperty("input").GetString()!, instance.GetProperty("output").GetString()!),
            "github:yizhongw/self-instruct",
            "Apache-2.0");
    }

    private static async IAsyncEnumerable<Dialogue> ReadTasksAsync(
        string path, Func<JsonElement, Dialogue> parse, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        await foreach (var line in TextLines.ReadAsync(path, cancellationToken))
        {
            number++;
            yield return Parse(path, number, line, parse);
        }
    }

    private static Dialogue Parse(string path, int number, string line, Func<JsonElement, Dialogue> parse)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            return parse(record.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}, line {number}: not a task record ({error.Message}); mend or remove the line.", error);
        }
    }

    private static ChatTemplateMessage[] Turn(string instruction, string input, string output) =>
    [
        new("user", input.Trim().Length == 0 ? instruction.Trim() : $"{instruction.Trim()}\n{input.Trim()}"),
        new("assistant", output.Trim()),
    ];
}
