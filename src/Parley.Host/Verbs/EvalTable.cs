using System.Globalization;
using Parley.Training.Evaluation.Results;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>An evaluation as people read it: a row for each metric, and below what the numbers depend on.</summary>
internal static class EvalTable
{
    private const int PlainWidth = 160;

    public static void Print(EvaluationResult result)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = PlainWidth;
        var table = new Table().Border(TableBorder.Rounded).AddColumns("task", "prompt", "metric");
        foreach (var title in new[] { "value", "stderr", "95%", "questions", "cut", "s" }) table.AddColumn(new TableColumn(title).RightAligned());
        foreach (var task in result.Tasks)
        {
            foreach (var metric in task.Metrics) table.AddRow(Cells(task, metric));
            if (task.Skipped is { } reason) table.AddRow(Markup.Escape(task.Name), Markup.Escape(task.PromptVersion), "skipped");
        }

        AnsiConsole.Write(table);
        foreach (var task in result.Tasks.Where(task => task.Skipped is not null)) Console.Out.WriteLine($"{task.Name} was skipped: {task.Skipped}");
        Console.Out.WriteLine($"weights {result.WeightsId}, tokenizer {Short(result.TokenizerHash)}");
        Console.Out.WriteLine($"{result.Arithmetic} arithmetic, {result.CacheType} cache, context {result.ContextLength}, seed {result.Seed}");
    }

    private static string[] Cells(TaskResult task, MetricResult metric) =>
    [
        Markup.Escape(task.Name), Markup.Escape(task.PromptVersion + (task.Shots > 0 ? $", {task.Shots} shots" : "")), metric.Name,
        Number(metric.Value), Number(metric.StandardError), $"{Number(metric.Low)} to {Number(metric.High)}",
        $"{task.Questions} of {task.QuestionsInFile}", $"{task.Truncated}", task.Seconds.ToString("F1", CultureInfo.InvariantCulture),
    ];

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];

    private static string Number(double value) => value.ToString(value >= 1000 ? "N0" : "0.####", CultureInfo.InvariantCulture);
}
