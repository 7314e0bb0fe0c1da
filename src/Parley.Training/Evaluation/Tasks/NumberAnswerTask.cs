using System.Text.Json;
using System.Text.RegularExpressions;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// A sum in words whose answer is a number: {"question", "answer"}, the answer ending in "#### 18". GSM8K (Cobbe et al., 2021) as the
/// harness's gsm8k: "Question: ...\nAnswer:", greedy. exact_match takes the number behind "####", flexible_match the last number in the
/// answer; dollars, commas and a final point are ignored.
/// </summary>
public sealed partial record NumberAnswerTask(string Name, string File, string PromptVersion) : GenerationTask(Name, File, PromptVersion)
{
    public override IReadOnlyList<string> Stops { get; } = ["Question:", "</s>", "<|im_end|>"];

    public override int MostTokens => 256;

    public override IReadOnlyList<string> Metrics { get; } = ["exact_match", "flexible_match"];

    public override TaskItem Read(JsonElement record)
    {
        var (question, answer) = (Text(record, "question"), Text(record, "answer"));
        var marked = Marked().Match(answer);
        if (!marked.Success) throw new InvalidDataException("the field 'answer' must end in '#### ' and a number");
        return new GenerationItem($"Question: {question}\nAnswer:", Plain(marked.Groups["number"].Value), $"Question: {question}\nAnswer: {answer}");
    }

    public override Task<bool[]> JudgeAsync(GenerationItem item, string answer, CancellationToken cancellationToken)
    {
        var marked = Marked().Match(answer);
        var last = AnyNumber().Matches(answer).LastOrDefault();
        var isExact = marked.Success && Plain(marked.Groups["number"].Value) == item.Expected;
        return Task.FromResult<bool[]>([isExact, last is not null && Plain(last.Value) == item.Expected]);
    }

    private static string Plain(string number) =>
        number.Replace(",", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal).TrimEnd('.');

    [GeneratedRegex(@"#### (?<number>-?[0-9.,]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Marked();

    [GeneratedRegex(@"-?[$0-9.,]{2,}|-?[0-9]+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnyNumber();
}
