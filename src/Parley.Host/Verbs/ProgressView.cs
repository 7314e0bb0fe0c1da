using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// How far long work is, on stderr: bars on a terminal, elsewhere a line every few seconds. Work is known by its label; any thread may report.
/// </summary>
internal sealed class ProgressView
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly Stopwatch _sinceLine = Stopwatch.StartNew();
    private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);
    private readonly IAnsiConsole _console;
    private readonly ProgressContext? _context;

    private ProgressView(IAnsiConsole console, ProgressContext? context) => (_console, _context) = (console, context);

    /// <summary>Runs <paramref name="body"/> with a view that lasts as long as it.</summary>
    /// <param name="bytes">True when what is counted are bytes: amounts and speed are shown too.</param>
    public static async Task RunAsync(bool bytes, Func<ProgressView, Task> body)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            await body(new ProgressView(console, null));
            return;
        }

        List<ProgressColumn> columns = [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn()];
        if (bytes)
        {
            columns.AddRange([new DownloadedColumn { Culture = CultureInfo.InvariantCulture }, new TransferSpeedColumn()]);
        }

        columns.Add(new RemainingTimeColumn());
        await console.Progress().AutoClear(false).Columns([.. columns]).StartAsync(context => body(new ProgressView(console, context)));
    }

    public void Report(string label, long done, long total)
    {
        lock (_lock)
        {
            if (_context is null)
            {
                ReportPlainly(label, done, total);
                return;
            }

            if (!_tasks.TryGetValue(label, out var task))
            {
                _tasks[label] = task = _context.AddTask(Markup.Escape(label));
            }

            task.MaxValue = Math.Max(1, total);
            task.Value = total == 0 ? 1 : done;
        }
    }

    /// <summary>A sentence above the bars.</summary>
    public void Say(string sentence)
    {
        if (_context is null)
        {
            Console.Error.WriteLine(sentence);
        }
        else
        {
            _console.WriteLine(sentence);
        }
    }

    private void ReportPlainly(string label, long done, long total)
    {
        if (_sinceLine.Elapsed >= BetweenLines && total > 0)
        {
            _sinceLine.Restart();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label}: {100.0 * done / total:F0}%"));
        }
    }
}
