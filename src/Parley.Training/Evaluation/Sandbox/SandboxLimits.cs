namespace Parley.Training.Evaluation.Sandbox;

/// <summary>What a program may use. Immutable.</summary>
public sealed record SandboxLimits
{
    /// <summary>Processor seconds, 1 or more: unlike the clock's they do not run out because the machine is busy.</summary>
    public int ProcessorSeconds { get; init; } = 5;

    /// <summary>Time by the clock, for a program that waits.</summary>
    public TimeSpan Clock { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of address space.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of each file it writes.</summary>
    public long FileBytes { get; init; } = 1 << 20;
}

/// <summary>How a program ended.</summary>
public enum SandboxVerdict
{
    /// <summary>It ran to its end without an exception.</summary>
    Passed,

    /// <summary>An exception, an early exit or a crash.</summary>
    Failed,

    /// <summary>It used up its processor time or the clock ran out.</summary>
    TimedOut,

    /// <summary>It asked for more memory than it may have.</summary>
    OutOfMemory,

    /// <summary>It tried what it may not: a process, the network, writing outside its folder.</summary>
    Forbidden,
}

/// <summary>A program's end, with one line that says more.</summary>
public sealed record SandboxResult(SandboxVerdict Verdict, string Message);
