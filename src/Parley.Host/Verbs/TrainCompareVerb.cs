using System.CommandLine;
using Parley.Training.Reports;
using Parley.Training.Runs;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley train compare RUN RUN ...`: figures and settings beside each other; of runs with the same settings, whether they gave the same bits.
/// </summary>
internal static class TrainCompareVerb
{
    private const int PlainWidth = 160;

    public static Command Create()
    {
        var runs = new Argument<string[]>("run")
        {
            Description = "Two or more runs' folders; each is compared with the first.",
            Arity = new ArgumentArity(2, 32),
        };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of tables." };
        var output = new Option<string?>("--out") { Description = "An HTML file to write, with the curves over each other." };
        var command = new Command("compare", "Compare runs: figures, settings, curves, and bit for bit.") { runs, json, output };
        command.SetAction(result => TrainRunner.Guard(() =>
        {
            var comparison = RunComparison.Of([.. result.GetRequiredValue(runs).Select(path => new RunFolder(path))]);
            if (result.GetValue(output) is { } file) File.WriteAllText(file, ComparisonPage.Html(comparison));
            if (result.GetValue(json)) Console.Out.WriteLine(ComparisonJson.Of(comparison));
            else Print(comparison, result.GetValue(output));
        }));
        return command;
    }

    private static void Print(RunComparison comparison, string? file)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = PlainWidth;
        AnsiConsole.Write(Table(comparison, "figures", RunFigures.Of(comparison.Runs).Select(row => (row.Name, row.Values))));
        var settings = comparison.Settings.Select(row => (row.Name, row.Values));
        if (comparison.Settings.Count > 0) AnsiConsole.Write(Table(comparison, "settings that differ", settings));
        foreach (var verdict in comparison.Verdicts) AnsiConsole.WriteLine(verdict.ToString());
        if (file is not null) AnsiConsole.WriteLine($"Curves: {file}");
    }

    private static Table Table(RunComparison comparison, string title, IEnumerable<(string Name, IReadOnlyList<string?> Values)> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn(title);
        foreach (var run in comparison.Runs) table.AddColumn(new TableColumn(Markup.Escape(run.Name)).RightAligned());
        foreach (var (name, values) in rows) table.AddRow([Markup.Escape(name), .. values.Select(value => Markup.Escape(value ?? "-"))]);
        return table;
    }
}
