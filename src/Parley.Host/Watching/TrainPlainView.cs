using System.Globalization;
using Parley.Training;

namespace Parley.Host.Watching;

/// <summary>Progress as plain lines, one about every ten seconds, for logs and pipes.</summary>
internal sealed class TrainPlainView(TextWriter output, TimeProvider? time = null) : ITrainingView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private (long Step, long At)? _shown;

    public void Say(string line) => output.WriteLine(line);

    public void Show(TrainingProgress progress)
    {
        var due = _shown is not { } shown || _time.GetElapsedTime(shown.At) >= Interval || progress.Step == progress.Steps;
        if (!due || progress.Loss is null || progress.Step == _shown?.Step) return;
        _shown = (progress.Step, _time.GetTimestamp());
        var steps = progress.Steps > 0 ? progress.Steps.ToString("N0", CultureInfo.InvariantCulture) : "?";
        var times = $"elapsed {RunClock.Text(progress.Elapsed)}  left {RunClock.Text(progress.Remaining)}";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {progress.Step:N0}/{steps}  {Text(progress)}  {times}"));
    }

    /// <summary>The numbers of a progress in one line.</summary>
    private static string Text(TrainingProgress progress)
    {
        var culture = CultureInfo.InvariantCulture;
        var peak = progress.PeakRatio is { } ratio ? string.Create(culture, $" ({ratio:0%} of peak)") : "";
        var held = progress.Evaluation?.BitsPerByte is { } bits ? string.Create(culture, $"  held-out {bits:F3} bits/byte") : "";
        var numbers = string.Create(culture, $"loss {progress.Loss:F3}  lr {progress.LearningRate:0.0e+0}  {progress.TokensPerSecond:N0} tok/s");
        return string.Create(culture, $"{numbers}{peak}  {progress.MemoryBytes >> 20:N0} MB{held}");
    }
}
