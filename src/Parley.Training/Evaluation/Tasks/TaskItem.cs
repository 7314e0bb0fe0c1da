namespace Parley.Training.Evaluation.Tasks;

/// <summary>A text and what may follow it; the log-likelihood of the second after the first is what is measured.</summary>
public readonly record struct TextPair(string Context, string Continuation);

/// <summary>One question of a task.</summary>
/// <param name="Shot">The question with its right answer, as it stands before another question when examples are shown.</param>
public abstract record TaskItem(string Shot);

/// <summary>A question answered by comparing likelihoods.</summary>
/// <param name="Pairs">At least one; what is compared.</param>
/// <param name="Bytes">UTF-8 bytes of each answer without the space before it: what acc_norm divides by.</param>
/// <param name="Gold">Which pair is right.</param>
/// <param name="Shot">As above.</param>
public sealed record LikelihoodItem(IReadOnlyList<TextPair> Pairs, IReadOnlyList<int> Bytes, int Gold, string Shot) : TaskItem(Shot);

/// <summary>A question answered by writing.</summary>
/// <param name="Prompt">What is continued.</param>
/// <param name="Expected">The right answer, or what checks one; the task knows.</param>
/// <param name="Shot">As above.</param>
public sealed record GenerationItem(string Prompt, string Expected, string Shot) : TaskItem(Shot)
{
    /// <summary>The function that a program must define; empty where no program is asked for.</summary>
    public string EntryPoint { get; init; } = "";
}
