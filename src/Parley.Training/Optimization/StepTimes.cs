using System.Diagnostics;

namespace Parley.Training.Optimization;

/// <summary>Adds up where the time of training steps goes. Stopwatch ticks only; it influences nothing.</summary>
public sealed class StepTimes
{
    private readonly long[] _ticks;

    public StepTimes() => _ticks = new long[Enum.GetValues<StepPhase>().Length];

    private StepTimes(long[] ticks) => _ticks = ticks;

    public long Now => Stopwatch.GetTimestamp();

    /// <summary>Books the time since <paramref name="started"/> on a phase and returns now.</summary>
    public long Add(StepPhase phase, long started)
    {
        var now = Now;
        _ticks[(int)phase] += now - started;
        return now;
    }

    /// <summary>Total time of a phase.</summary>
    public TimeSpan this[StepPhase phase] => Stopwatch.GetElapsedTime(0, _ticks[(int)phase]);

    /// <summary>The times as they stand.</summary>
    public StepTimes Copy() => new([.. _ticks]);

    /// <summary>The shares in one line, such as "forward 31%, backward 58%".</summary>
    public override string ToString()
    {
        var all = Math.Max(1, _ticks.Sum());
        return string.Join(", ", Enum.GetValues<StepPhase>().Select(phase => $"{phase} {100.0 * _ticks[(int)phase] / all:F0}%"));
    }
}
