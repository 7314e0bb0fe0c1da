namespace Parley.Models;

/// <summary>How rotary frequencies are stretched beyond the context that a model was first trained on. Data; <see cref="RopeFrequencies"/> computes.</summary>
public sealed record RopeScaling
{
    public required RopeScalingKind Kind { get; init; }

    /// <summary>How much longer the context becomes; for LongRoPE 1 where the two contexts say so.</summary>
    public float Factor { get; init; } = 1f;

    /// <summary>The context before stretching; 0 where the kind does not ask for it.</summary>
    public int OriginalContext { get; init; }

    /// <summary>Llama 3: wavelengths longer than the original context over this are stretched in full.</summary>
    public float LowFrequencyFactor { get; init; } = 1f;

    /// <summary>Llama 3: wavelengths shorter than the original context over this stay.</summary>
    public float HighFrequencyFactor { get; init; } = 4f;

    /// <summary>YaRN: pairs that turn more often than this within the original context stay.</summary>
    public float BetaFast { get; init; } = 32f;

    /// <summary>YaRN: pairs that turn less often than this within the original context are stretched in full.</summary>
    public float BetaSlow { get; init; } = 1f;

    /// <summary>YaRN: the two borders that <see cref="BetaFast"/> and <see cref="BetaSlow"/> give are rounded outwards to whole pairs ("truncate").</summary>
    public bool WholePairs { get; init; } = true;

    /// <summary>What cosines and sines are multiplied by; 0: what YaRN and LongRoPE prescribe, 1 for the others.</summary>
    public float AttentionFactor { get; init; }

    /// <summary>What each pair's frequency is divided by first: LongRoPE's in a context up to the original; empty for none.</summary>
    public NumberList Factors { get; init; }

    /// <summary>LongRoPE: the divisors in a context beyond the original.</summary>
    public NumberList LongFactors { get; init; }
}

public enum RopeScalingKind
{
    /// <summary>Every frequency over the factor (position interpolation, arXiv:2306.15595).</summary>
    Linear,

    /// <summary>Llama 3.1's: short wavelengths stay, long ones are stretched, between them a blend.</summary>
    Llama3,

    /// <summary>arXiv:2309.00071: a blend by pair index, and a larger magnitude.</summary>
    Yarn,

    /// <summary>arXiv:2402.13753: searched divisors, one list for short and one for long contexts.</summary>
    LongRope,

    /// <summary>A list of divisors, as llama.cpp stores Llama 3.1's.</summary>
    Factors,
}
