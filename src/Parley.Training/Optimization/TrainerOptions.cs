namespace Parley.Training.Optimization;

/// <summary>What the optimiser does in each step. The defaults are those of small Llama-style models.</summary>
public sealed record TrainerOptions
{
    public required LearningRateSchedule Schedule { get; init; }

    public OptimizerKind Optimizer { get; init; }

    /// <summary>The gradient's global norm is cut to this; 0 switches clipping off.</summary>
    public float ClipNorm { get; init; } = 1f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.95f;

    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decay of Muon's mean of gradients.</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>Decoupled decay of matrices; vectors (norms, biases) do not decay.</summary>
    public float WeightDecay { get; init; } = 0.1f;

    /// <summary>The share of activations that is dropped behind the embedding and behind each branch; 0 for none.</summary>
    public float Dropout { get; init; }

    /// <summary>What the dropped activations follow from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Decay of the running average of the weights; 0 keeps none.</summary>
    public float AverageDecay { get; init; }

    /// <summary>Layers are computed again in the backward pass instead of kept: less memory, the same bits.</summary>
    public bool Recompute { get; init; }

    /// <summary>How many median absolute deviations above the median a loss counts as a spike and stops the run; 0 lets everything pass.</summary>
    public double SpikeFactor { get; init; }
}
