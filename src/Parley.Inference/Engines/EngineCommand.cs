namespace Parley.Inference;

/// <summary>What crosses into the engine's thread: sequences to take up, or a generation (or one choice of it) to stop.</summary>
internal readonly record struct EngineCommand
{
    /// <summary>Set for a submission.</summary>
    public Sequence[]? Submitted { get; init; }

    /// <summary>Set for a stop.</summary>
    public Guid Cancelled { get; init; }

    /// <summary>The choice to stop; null: all.</summary>
    public int? Choice { get; init; }
}
