using Parley.Training.Optimization;

namespace Parley.Training.Runs;

/// <summary>The part of a run's configuration that its weights do not depend on, so that each session may choose anew.</summary>
public sealed record RunPolicy
{
    /// <summary>How many of the newest checkpoints are kept, at least 1.</summary>
    public int KeepLast { get; init; } = 2;

    /// <summary>The checkpoint with the fewest bits per byte is kept as well.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Layers are computed again in the backward pass instead of kept.</summary>
    public bool Recompute { get; init; }

    /// <summary>See <see cref="LossMonitor"/>; 0 lets every loss pass. A loss that is no number never passes.</summary>
    public double SpikeFactor { get; init; } = LossMonitor.UsualFactor;

    /// <summary>Evaluations measure the running average of the weights instead of the newest ones.</summary>
    public bool EvaluateAverage { get; init; }
}
