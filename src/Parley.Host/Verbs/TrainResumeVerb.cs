using System.CommandLine;
using Parley.Host.Watching;
using Parley.Training.Runs;
using Parley.Training.Stages;

namespace Parley.Host.Verbs;

/// <summary>
/// `parley train resume RUN`: goes on from the newest intact checkpoint of a run, to the same bits as if it had never stopped.
/// </summary>
internal static class TrainResumeVerb
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's folder." };
        var threads = new Option<int?>("--threads") { Description = "Threads that compute; all cores unless given." };
        var command = new Command("resume", "Continue an interrupted run.") { run, threads };
        var watch = new TrainWatch();
        watch.AddTo(command);
        command.SetAction(result => TrainRunner.Run(() => watch.Read(result), (view, cancellationToken) =>
            new TrainingSession(new RunFolder(result.GetRequiredValue(run)), view) { MeasuresPeak = true }
                .Resume(result.GetValue(threads), cancellationToken)));
        return command;
    }
}
