namespace Parley.Training.Optimization;

/// <summary>What the learning rate does after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine from the peak down to the floor.</summary>
    Cosine,

    /// <summary>Warm-up, stable, decay: the peak until the last fifth, then a straight line down to the floor.</summary>
    WarmupStableDecay,

    /// <summary>A straight line from the peak down to the floor.</summary>
    Linear,
}

/// <summary>
/// The learning rate of each step: a straight warm-up, then <see cref="Kind"/>. A pure function of the step, never of the clock, so that a
/// resumed run repeats it.
/// </summary>
/// <param name="Kind">The shape after the warm-up.</param>
/// <param name="Peak">The largest learning rate.</param>
/// <param name="Warmup">Steps of the warm-up; the first step already learns.</param>
/// <param name="Steps">Steps of the whole run; 0 while it is still being measured, which must happen within the warm-up.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, double Peak, int Warmup, long Steps)
{
    /// <summary>The share of the peak that is left at the end.</summary>
    public double Floor { get; init; } = 0.1;

    /// <summary>The share of all steps in which <see cref="ScheduleKind.WarmupStableDecay"/> decays.</summary>
    public double DecayShare { get; init; } = 0.2;

    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < Warmup) return Peak * (step + 1) / Warmup;
        if (Steps == 0) throw new InvalidOperationException($"Step {step} is past the warm-up, but the number of steps is not fixed yet.");
        var from = Kind == ScheduleKind.WarmupStableDecay ? Math.Max(Warmup, Steps - (long)(Steps * DecayShare)) : Warmup;
        if (step < from) return Peak;
        var done = Math.Min(1.0, (double)(step - from + 1) / Math.Max(1, Steps - from));
        var share = Kind == ScheduleKind.Cosine ? 0.5 * (1 + Math.Cos(Math.PI * done)) : 1 - done;
        return Peak * (Floor + ((1 - Floor) * share));
    }
}
