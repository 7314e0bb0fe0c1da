namespace Parley.Training.Optimization;

/// <summary>What the optimiser does in each step. The defaults are those of small Llama-style models.</summary>
public sealed record TrainerOptions
{
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>The gradient's global norm is cut to this; 0 switches clipping off.</summary>
    public float ClipNorm { get; init; } = 1f;

    public float Beta1 { get; init; } = 0.9f;

    public float Beta2 { get; init; } = 0.95f;

    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled decay of matrices; vectors (norms, biases) do not decay.</summary>
    public float WeightDecay { get; init; } = 0.1f;
}
