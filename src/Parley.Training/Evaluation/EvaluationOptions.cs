namespace Parley.Training.Evaluation;

/// <summary>What to ask of a task. Immutable.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The file's first questions only; null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>Examples before each question, drawn from the other questions of the same file.</summary>
    public int Shots { get; init; }

    /// <summary>Of the examples and of the bootstrap.</summary>
    public ulong Seed { get; init; } = 1234;

    /// <summary>Questions under way at once. Changes no number.</summary>
    public int AtOnce { get; init; } = 16;
}
