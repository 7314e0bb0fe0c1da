namespace Parley.Training.Stages;

/// <summary>Which decoder a new model is built as.</summary>
public enum ModelStyle
{
    /// <summary>RMSNorm, rotary positions, a gated feed-forward block, no biases.</summary>
    Llama,

    /// <summary>LayerNorm, a table of positions, GELU without a gate, biases, tied embeddings (Radford et al. 2019).</summary>
    Gpt2,
}
