using System.Text;
using System.Text.Json;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// Beginnings to choose from before one ending: {"context_options", "continuation", "gold"}. Partial evaluation (Trinh and Le, "A simple
/// method for commonsense reasoning", 2018; the harness's winogrande): only the ending is scored, after each beginning and a space, so that
/// a name's own frequency counts nothing.
/// </summary>
public sealed record PartialContextTask(string Name, string File, string PromptVersion) : LikelihoodTask(Name, File, PromptVersion)
{
    public override TaskItem Read(JsonElement record)
    {
        var (options, ending) = (Texts(record, "context_options"), Text(record, "continuation"));
        var gold = Gold(record, options.Length);
        var bytes = Encoding.UTF8.GetByteCount(ending);
        return new LikelihoodItem(
            [.. options.Select(option => new TextPair(option, " " + ending))], [.. options.Select(_ => bytes)], gold, $"{options[gold]} {ending}");
    }

    public override IReadOnlyList<MetricResult> Measure(IReadOnlyList<LikelihoodItem> items, IReadOnlyList<PairScore[]> scores, ulong seed) =>
        [MetricResult.Proportion("acc", [.. items.Select((item, i) => Best(scores[i].Select(score => score.LogLikelihood)) == item.Gold)])];
}
