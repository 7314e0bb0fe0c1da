using Parley.Training;
using Spectre.Console;

namespace Parley.Host.Verbs;

/// <summary>Progress on a terminal: a bar with loss, speed and remaining time; sentences scroll above it.</summary>
internal sealed class TrainLiveView(IAnsiConsole console, ProgressTask task) : ITrainingView
{
    public void Say(string line) => console.MarkupLineInterpolated($"{line}");

    public void Show(TrainingProgress progress)
    {
        task.MaxValue = Math.Max(1, progress.Steps);
        task.IsIndeterminate = progress.Steps == 0;
        task.Value = progress.Steps == 0 ? 0 : progress.Step;
        var left = TrainPlainView.Clock(progress.Remaining);
        task.Description = Markup.Escape($"{progress.Step:N0}/{progress.Steps:N0}  {TrainPlainView.Text(progress)}  left {left}");
    }
}
