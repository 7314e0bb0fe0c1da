namespace Parley.Training.Evaluation.Tasks;

/// <summary>A task whose answers are written, with the likeliest token each time, and then checked.</summary>
public abstract record GenerationTask(string Name, string File, string PromptVersion) : EvaluationTask(Name, File, PromptVersion)
{
    /// <summary>Texts that end an answer; they are not part of it.</summary>
    public abstract IReadOnlyList<string> Stops { get; }

    /// <summary>Tokens of an answer at most; less where the model's context is short.</summary>
    public abstract int MostTokens { get; }

    /// <summary>Why this machine cannot check answers, in one sentence; null when it can. Asked before any answer is written.</summary>
    public virtual Task<string?> MissingAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>The names of <see cref="JudgeAsync"/>'s verdicts.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>Whether an answer is right, one verdict for each of <see cref="Metrics"/>.</summary>
    public abstract Task<bool[]> JudgeAsync(GenerationItem item, string answer, CancellationToken cancellationToken);
}
