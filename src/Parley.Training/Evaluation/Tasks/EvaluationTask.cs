using System.Text.Json;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// A task as data: its name, the file its questions are in, and how a record becomes a prompt. Immutable; knows neither model nor
/// tokenizer. Prompts and scores follow EleutherAI's lm-evaluation-harness, so that numbers can be put beside published ones.
/// </summary>
/// <param name="Name">As --tasks names it.</param>
/// <param name="File">The file's name without .gz, looked for in the data folder and the folders in it.</param>
/// <param name="PromptVersion">Name and number of the prompt; the number rises whenever a byte of any prompt changes.</param>
public abstract record EvaluationTask(string Name, string File, string PromptVersion)
{
    /// <summary>What stands between examples, and between them and the question.</summary>
    public const string ShotSeparator = "\n\n";

    /// <summary>A record as a question.</summary>
    /// <exception cref="InvalidDataException">A field is missing or of the wrong kind; names the field.</exception>
    public abstract TaskItem Read(JsonElement record);

    private protected static string Text(JsonElement record, string field) =>
        Field(record, field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(field, "a text");

    private protected static string[] Texts(JsonElement record, string field)
    {
        const string kind = "a list of two or more texts";
        if (Field(record, field) is not { ValueKind: JsonValueKind.Array } value || value.GetArrayLength() < 2) throw Wrong(field, kind);
        return [.. value.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.String ? entry.GetString()! : throw Wrong(field, kind))];
    }

    private protected static int Gold(JsonElement record, int choices) =>
        Field(record, "gold") is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var gold) && gold >= 0 && gold < choices
            ? gold
            : throw Wrong("gold", $"a number from 0 to {choices - 1}");

    private static JsonElement? Field(JsonElement record, string field) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(field, out var value) ? value : null;

    private static InvalidDataException Wrong(string field, string kind) => new($"the field '{field}' must be {kind}");
}
