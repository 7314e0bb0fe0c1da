namespace Parley.Training.Optimization;

/// <summary>What turns gradients into steps.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW for everything.</summary>
    AdamW,

    /// <summary>Muon for the matrices inside layers, AdamW for embeddings, the output head and vectors.</summary>
    Muon,
}
