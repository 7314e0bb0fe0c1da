using System.CommandLine;
using Parley.Training.Evaluation.Tasks;

namespace Parley.Host.Verbs;

/// <summary>
/// <c>parley verify programs</c>: HumanEval's own solutions must pass in the sandbox and empty ones must fail, so that a score of zero is the model's and not
/// the sandbox's.
/// </summary>
internal static class VerifyProgramsVerb
{
    private const string EmptyBody = "    pass\n";

    public static Command Create()
    {
        var data = VerbOption.Of("--data", "The folder that holds HumanEval.jsonl(.gz), or one above it.", Path.Combine("..", "shared", "data"));
        var command = new Command("programs", "HumanEval's own solutions and empty ones through the sandbox (half a minute).") { data };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(data), cancellationToken));
        return command;
    }

    /// <summary>Exit code 1 when one program is judged wrongly, or nothing could be checked.</summary>
    private static async Task<int> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var task = (PythonProgramTask)EvaluationTasks.Select("humaneval")[0];
        if (!Directory.Exists(folder) || TaskFile.Find(task, [folder]) is not { } path)
        {
            Console.Error.WriteLine($"{folder} holds no {task.File}; fetch it, or name its folder with --data.");
            return 1;
        }

        if (await task.MissingAsync(cancellationToken) is { } missing)
        {
            Console.Error.WriteLine(missing);
            return 1;
        }

        var items = TaskFile.Read(task, path).Items.Cast<GenerationItem>().ToArray();
        var wrong = 0;
        await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, async (item, token) =>
        {
            var solution = item.Shot[item.Prompt.Length..];
            var (solves, empties) = ((await task.JudgeAsync(item, solution, token))[0], (await task.JudgeAsync(item, EmptyBody, token))[0]);
            if (!solves) Console.Out.WriteLine($"{item.EntryPoint}: its own solution fails");
            if (empties) Console.Out.WriteLine($"{item.EntryPoint}: an empty function passes");
            if (!solves || empties) Interlocked.Increment(ref wrong);
        });
        Console.Out.WriteLine($"{items.Length} programs, each solved and empty: {wrong} judged wrongly");
        return wrong == 0 ? 0 : 1;
    }
}
