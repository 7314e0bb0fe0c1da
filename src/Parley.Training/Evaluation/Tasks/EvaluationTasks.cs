namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// The tasks there are. Files are those of MosaicML's llm-foundry (local evaluation data), openai/grade-school-math and openai/human-eval;
/// prompts are brought to the form of EleutherAI's lm-evaluation-harness where the file's own differ. A new task of a known family is one
/// line here.
/// </summary>
public static class EvaluationTasks
{
    /// <summary>Those scored when none is named, and after them the ones that write.</summary>
    public static IReadOnlyList<EvaluationTask> All { get; } =
    [
        // "Question: ...\nAnswer:" and the answer's own words, not its letter (harness: arc_easy, arc_challenge).
        new MultipleChoiceTask("arc_easy", "arc_easy.jsonl", "arc/1", "\nAnswer:"),
        new MultipleChoiceTask("arc_challenge", "arc_challenge.jsonl", "arc/1", "\nAnswer:"),
        // "Question: ...\nAnswer:" and the solution (harness: piqa).
        new MultipleChoiceTask("piqa", "piqa.jsonl", "piqa/1", "\nAnswer:"),
        // "passage\nQuestion: ...?\nAnswer:" with no and yes (harness: boolq); the file's "Passage: " goes.
        new MultipleChoiceTask("boolq", "boolq.jsonl", "boolq/1", "\nAnswer:", "Passage: "),
        new PartialContextTask("winogrande", "winogrande.jsonl", "winogrande-partial/1"),
        // The bare sentence, then each ending (harness: openbookqa, copa).
        new MultipleChoiceTask("openbook_qa", "openbook_qa.jsonl", "openbookqa/1"),
        new MultipleChoiceTask("copa", "copa.jsonl", "copa/1"),
        // "Question: ...\nChoices:\nA. ...\nAnswer:" and a letter: the file's own prompt (llm-foundry); the fifth choice of the original is not in it.
        new MultipleChoiceTask("commonsense_qa", "commonsense_qa.jsonl", "llm-foundry-letters/1"),
        new MultipleChoiceTask("understanding_fables", "bigbench_understanding_fables.jsonl", "llm-foundry-letters/1"),
        new LastWordTask("lambada_openai", "lambada_openai.jsonl", "lambada/1"),
        new NumberAnswerTask("gsm8k", "gsm8k-test.jsonl", "gsm8k/1"),
        new PythonProgramTask("humaneval", "HumanEval.jsonl", "humaneval/1"),
    ];

    /// <summary>The tasks with these names, in their order.</summary>
    /// <param name="names">Separated by commas; null: all.</param>
    /// <exception cref="InvalidDataException">A name is unknown; lists those there are.</exception>
    public static IReadOnlyList<EvaluationTask> Select(string? names)
    {
        if (names is null) return All;
        var wanted = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = wanted.Where(name => All.All(task => task.Name != name)).ToArray();
        return unknown.Length == 0 && wanted.Length > 0
            ? [.. wanted.Distinct(StringComparer.Ordinal).Select(name => All.First(task => task.Name == name))]
            : throw new InvalidDataException(
                $"There is no task {string.Join(", ", unknown.Select(name => $"'{name}'"))}; there are {string.Join(", ", All.Select(task => task.Name))}.");
    }
}
