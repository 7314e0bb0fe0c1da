using System.Text;
using System.Text.Json;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// A question and answers to choose from: {"query", "choices", "gold"}. Every answer is scored after the prompt with one space between. acc: the
/// likeliest answer is the right one; acc_norm: the same after dividing the log-likelihood by the answer's bytes.
/// </summary>
/// <param name="Drop">A beginning of the query that the harness's prompt does not have.</param>
/// <param name="Ending">What the prompt adds to the query, once the query's own white space at the end is gone.</param>
public sealed record MultipleChoiceTask(string Name, string File, string PromptVersion, string Ending = "", string Drop = "")
    : LikelihoodTask(Name, File, PromptVersion)
{
    public override TaskItem Read(JsonElement record)
    {
        var query = Text(record, "query");
        if (Drop.Length > 0 && query.StartsWith(Drop, StringComparison.Ordinal)) query = query[Drop.Length..];
        var (context, choices) = (query.TrimEnd() + Ending, Texts(record, "choices"));
        var gold = Gold(record, choices.Length);
        return new LikelihoodItem(
            [.. choices.Select(choice => new TextPair(context, " " + choice))],
            [.. choices.Select(Encoding.UTF8.GetByteCount)],
            gold,
            $"{context} {choices[gold]}");
    }

    public override IReadOnlyList<MetricResult> Measure(IReadOnlyList<LikelihoodItem> items, IReadOnlyList<PairScore[]> scores, ulong seed) =>
    [
        MetricResult.Proportion("acc", [.. items.Select((item, i) => Best(scores[i].Select(score => score.LogLikelihood)) == item.Gold)]),
        MetricResult.Proportion("acc_norm", [.. items.Select((item, i) => Best(PerByte(item, scores[i])) == item.Gold)]),
    ];

    private static IEnumerable<double> PerByte(LikelihoodItem item, PairScore[] scores) =>
        scores.Select((score, choice) => score.LogLikelihood / Math.Max(1, item.Bytes[choice]));
}
