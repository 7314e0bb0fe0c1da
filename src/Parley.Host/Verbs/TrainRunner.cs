using System.Runtime.InteropServices;
using Parley.Models;
using Parley.Training;
using Parley.Training.Optimization;
using Parley.Training.Runs;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// Runs a training verb: chooses the view, turns Ctrl-C and SIGTERM into a clean stop (the run saves; a second Ctrl-C ends the process), and
/// expected failures into one sentence and exit code 1.
/// </summary>
internal static class TrainRunner
{
    public static int Run(Action<ITrainingView, CancellationToken> body) => Guard(() =>
    {
        using var source = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(source, context));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(source, context));
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected || !console.Profile.Capabilities.Interactive)
        {
            body(new TrainPlainView(Console.Out), source.Token);
            return;
        }

        console.Progress().AutoRefresh(true).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .Start(context => body(new TrainLiveView(console, context.AddTask("reading")), source.Token));
    });

    /// <summary>Runs something whose expected failures end in one sentence.</summary>
    public static int Guard(Action body)
    {
        try
        {
            body();
            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException or ModelFormatException or DivergedException
            or ArgumentException or OperationCanceledException)
        {
            Console.Error.WriteLine(failure is OperationCanceledException ? "Stopped." : failure.Message);
            return 1;
        }
    }

    /// <summary>A checkpoint folder as it is, or the best checkpoint of a run; of a model or of an adapter.</summary>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public static string FindCheckpoint(string path, ITrainingView view)
    {
        if (File.Exists(Path.Combine(path, Checkpoint.WeightsFile)) || AdapterCheckpoint.IsIn(path)) return Path.GetFullPath(path);
        var run = new RunFolder(path);
        return run.Exists && new CheckpointStore(run, default, view).FindBest() is { } best
            ? best
            : throw new InvalidDataException(
                $"{path} is neither a checkpoint nor a run with checkpoints; name a folder that 'parley train' wrote.");
    }

    private static void Stop(CancellationTokenSource source, PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return; // the second signal does what signals do
        context.Cancel = true;
        source.Cancel();
    }
}
