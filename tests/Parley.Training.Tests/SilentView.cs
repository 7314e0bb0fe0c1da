namespace Parley.Training.Tests;

/// <summary>Remembers what a run said, and asks it to stop after a given step.</summary>
internal sealed class SilentView(long stopAfter = long.MaxValue) : ITrainingView
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    public List<string> Lines { get; } = [];

    public List<TrainingProgress> Steps { get; } = [];

    public void Say(string line) => Lines.Add(line);

    public void Show(TrainingProgress progress)
    {
        Steps.Add(progress);
        if (progress.Step >= stopAfter) _source.Cancel();
    }
}
