using System.Globalization;
using Parley.Training;

namespace Parley.Host.Verbs;

/// <summary>Progress as plain lines, one about every ten seconds, for logs and pipes.</summary>
internal sealed class TrainPlainView(TextWriter output, TimeProvider? time = null) : ITrainingView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long? _shown;

    public void Say(string line) => output.WriteLine(line);

    public void Show(TrainingProgress progress)
    {
        var due = _shown is null || _time.GetElapsedTime(_shown.Value) >= Interval || progress.Step == progress.Steps;
        if (!due) return;
        _shown = _time.GetTimestamp();
        var steps = progress.Steps > 0 ? progress.Steps.ToString("N0", CultureInfo.InvariantCulture) : "?";
        var times = $"elapsed {Clock(progress.Elapsed)}  left {Clock(progress.Remaining)}";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {progress.Step:N0}/{steps}  {Text(progress)}  {times}"));
    }

    /// <summary>The numbers of a progress in one line.</summary>
    public static string Text(TrainingProgress progress)
    {
        var culture = CultureInfo.InvariantCulture;
        var held = progress.BitsPerByte is { } bits ? string.Create(culture, $"  held-out {bits:F3} bits/byte") : "";
        return string.Create(culture, $"loss {progress.Loss:F3}  lr {progress.LearningRate:0.0e+0}  {progress.TokensPerSecond:N0} tok/s{held}");
    }

    public static string Clock(TimeSpan? span) => span?.ToString(span >= TimeSpan.FromHours(1) ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture) ?? "?";
}
