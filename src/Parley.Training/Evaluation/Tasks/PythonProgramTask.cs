using System.Text.Json;
using Parley.Training.Evaluation.Sandbox;

namespace Parley.Training.Evaluation.Tasks;

/// <summary>
/// A Python function to complete, checked by running its tests: {"prompt", "test", "entry_point", "canonical_solution"}. HumanEval (Chen et
/// al., "Evaluating large language models trained on code", 2021): pass@1 of one greedy answer, cut where a new top-level statement begins,
/// run in a <see cref="PythonSandbox"/>.
/// </summary>
public sealed record PythonProgramTask(string Name, string File, string PromptVersion) : GenerationTask(Name, File, PromptVersion)
{
    private PythonSandbox? _sandbox;

    public override IReadOnlyList<string> Stops { get; } = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"];

    public override int MostTokens => 512;

    public override IReadOnlyList<string> Metrics { get; } = ["pass@1"];

    public override async Task<string?> MissingAsync(CancellationToken cancellationToken)
    {
        _sandbox ??= await PythonSandbox.FindAsync(cancellationToken);
        return _sandbox is null ? PythonSandbox.Missing : null;
    }

    public override TaskItem Read(JsonElement record)
    {
        var (prompt, entry) = (Text(record, "prompt"), Text(record, "entry_point"));
        return new GenerationItem(prompt, Text(record, "test"), prompt + Text(record, "canonical_solution")) { EntryPoint = entry };
    }

    public override async Task<bool[]> JudgeAsync(GenerationItem item, string answer, CancellationToken cancellationToken)
    {
        _sandbox ??= await PythonSandbox.FindAsync(cancellationToken) ?? throw new InvalidDataException(PythonSandbox.Missing);
        var program = $"{item.Prompt}{answer}\n{item.Expected}\ncheck({item.EntryPoint})\n";
        var result = await _sandbox.RunAsync(program, new SandboxLimits(), cancellationToken);
        return [result.Verdict == SandboxVerdict.Passed];
    }
}
