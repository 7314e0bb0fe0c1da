using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>A task whose answers are compared by log-likelihood; nothing is generated.</summary>
public abstract record LikelihoodTask(string Name, string File, string PromptVersion) : EvaluationTask(Name, File, PromptVersion)
{
    /// <summary>True where it counts whether every token of the answer was the likeliest one.</summary>
    public virtual bool NeedsGreedy => false;

    /// <summary>What the scores of all questions amount to.</summary>
    /// <param name="items">The questions.</param>
    /// <param name="scores">One score for each pair of each question.</param>
    /// <param name="seed">Of the bootstrap.</param>
    public abstract IReadOnlyList<MetricResult> Measure(IReadOnlyList<LikelihoodItem> items, IReadOnlyList<PairScore[]> scores, ulong seed);

    /// <summary>The index of the largest value, the first among equals.</summary>
    private protected static int Best(IEnumerable<double> values)
    {
        var (best, at, i) = (double.NegativeInfinity, 0, 0);
        foreach (var value in values)
        {
            if (value > best) (best, at) = (value, i);
            i++;
        }

        return at;
    }
}
