using System.Net;
using System.Runtime.InteropServices;
using Parley.Host.Telemetry;
using Parley.Host.Watching;
using Parley.Models;
using Parley.Training;
using Parley.Training.Optimization;
using Parley.Training.Runs;
using Parley.Training.Telemetry;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>
/// Runs a training verb: chooses the view, turns Ctrl-C and SIGTERM into a clean stop (the run saves; a second Ctrl-C ends the process), and
/// expected failures into one sentence and exit code 1.
/// </summary>
internal static class TrainRunner
{
    /// <summary>Work that nobody measures.</summary>
    public static int Run(Action<ITrainingView, CancellationToken> body) => Run(() => null, body);

    /// <param name="metrics">Where /metrics listens meanwhile; null for nowhere.</param>
    public static int Run(Func<IPEndPoint?> metrics, Action<ITrainingView, CancellationToken> body) => Guard(() =>
    {
        using var source = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(source, context));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(source, context));
        using var server = metrics() is { } place ? MetricsServer.Start(place) : null;
        using var export = OtlpExport.Start("parley-train");
        void Measured(ITrainingView view)
        {
            using var measured = new TrainingMetrics(view);
            if (server is not null) measured.Say($"Metrics at {server.Address}");
            using var stopping = source.Token.Register(() => measured.Say("Stopping after this step. Once more ends it at once."));
            try
            {
                body(measured, source.Token);
            }
            finally
            {
                export?.Flush(); // while the instruments are still there
            }
        }

        if (IsTerminal) TrainLiveView.Run(AnsiConsole.Console, TimeProvider.System, Measured);
        else Measured(new TrainPlainView(Console.Out));
    });

    private static bool IsTerminal => !Console.IsOutputRedirected && AnsiConsole.Console.Profile.Capabilities is { Interactive: true, Ansi: true };

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
        if (source.IsCancellationRequested)
        {
            if (IsTerminal) AnsiConsole.Console.Cursor.Show(); // the second signal does what signals do, and the live view hid it
            return;
        }

        context.Cancel = true;
        source.Cancel();
    }
}
