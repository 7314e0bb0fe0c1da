using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Training.Evaluation.Results;

/// <summary>
/// Everything an evaluation found and everything it depended on: a number with a past. Its batch size and threads are not here, for they
/// change nothing.
/// </summary>
public sealed record EvaluationResult
{
    public const string CurrentFormat = "parley-evaluation-1";

    public string Format { get; init; } = CurrentFormat;

    public required string Model { get; init; }

    /// <summary>The identity of the weights, as checkpoints and answers name it.</summary>
    public required string WeightsId { get; init; }

    public required string TokenizerHash { get; init; }

    /// <summary>How products with quantised weights were computed, and how keys and values were stored.</summary>
    public required string Arithmetic { get; init; }

    public required string CacheType { get; init; }

    public required int ContextLength { get; init; }

    /// <summary>Of the examples shown and of the bootstrap.</summary>
    public required ulong Seed { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required IReadOnlyList<TaskResult> Tasks { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Default.EvaluationResult);

    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static EvaluationResult Read(string path)
    {
        try
        {
            var result = JsonSerializer.Deserialize(File.ReadAllBytes(path), EvaluationJson.Default.EvaluationResult);
            if (result is { Format: CurrentFormat }) return result;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is not the result of an evaluation ({error.Message}); write one with 'parley eval MODEL --json {path}'.", error);
        }

        throw new InvalidDataException($"{path} is not of format {CurrentFormat}; write it again with 'parley eval'.");
    }
}

/// <summary>What one task gave.</summary>
public sealed record TaskResult
{
    public required string Name { get; init; }

    /// <summary>Name and number of the prompt, see <see cref="Tasks.EvaluationTask"/>.</summary>
    public required string PromptVersion { get; init; }

    public required string File { get; init; }

    public required string FileSha256 { get; init; }

    /// <summary>SHA-256 of all prompts and answers as the model saw them, examples included; null where the task was skipped.</summary>
    public string? PromptsSha256 { get; init; }

    /// <summary>Questions asked, and how many the file has.</summary>
    public int Questions { get; init; }

    public int QuestionsInFile { get; init; }

    /// <summary>Examples shown before each question.</summary>
    public int Shots { get; init; }

    /// <summary>Prompts that lost their beginning because the context is too short for them.</summary>
    public int Truncated { get; init; }

    public IReadOnlyList<MetricResult> Metrics { get; init; } = [];

    /// <summary>Why the task was not done, in one sentence; null when it was.</summary>
    public string? Skipped { get; init; }

    public double Seconds { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EvaluationResult))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
