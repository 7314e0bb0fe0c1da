using System.Text;
using System.Text.Json;
using Parley.Training.Evaluation.Results;
using Parley.Training.Evaluation.Scoring;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// The last word of a passage: {"context", "continuation"}. LAMBADA (Paperno et al., 2016) as the harness's lambada_openai: acc is the
/// share of words whose every token is the likeliest, perplexity is exp(-mean log-likelihood of the word).
/// </summary>
public sealed record LastWordTask(string Name, string File, string PromptVersion) : LikelihoodTask(Name, File, PromptVersion)
{
    public override bool NeedsGreedy => true;

    public override TaskItem Read(JsonElement record)
    {
        var (context, word) = (Text(record, "context"), Text(record, "continuation"));
        return new LikelihoodItem([new TextPair(context, " " + word)], [Encoding.UTF8.GetByteCount(word)], 0, $"{context} {word}");
    }

    public override IReadOnlyList<MetricResult> Measure(IReadOnlyList<LikelihoodItem> items, IReadOnlyList<PairScore[]> scores, ulong seed) =>
    [
        MetricResult.Proportion("acc", [.. scores.Select(score => score[0].IsGreedy)]),
        MetricResult.Bootstrap(
            "perplexity", [.. scores.Select(score => (-score[0].LogLikelihood, 1.0))], (nats, words) => Math.Exp(nats / words), false, seed),
    ];
}
