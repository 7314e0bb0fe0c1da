namespace Parley.Inference;

internal enum NodeKind : byte
{
    /// <summary>The rule is at its end.</summary>
    End,

    /// <summary>One byte from First to Last, then Next.</summary>
    Bytes,

    /// <summary>Any of Targets, without reading.</summary>
    Split,

    /// <summary>A text of Rule, then Next.</summary>
    Call,

    /// <summary>A text of Rule, then texts of Rest, Min to Max in all (Max below 0: no limit), then Next.</summary>
    Repeat,

    /// <summary>A text of Machine, then Next.</summary>
    Machine,

    /// <summary>The control token with the id Token, which has no bytes, then Next.</summary>
    Token,
}

/// <summary>One place in a rule of a <see cref="Grammar"/>; which members count depends on the kind.</summary>
internal sealed record GrammarNode(NodeKind Kind)
{
    public byte First { get; init; }

    public byte Last { get; init; }

    public int Next { get; init; }

    public int[] Targets { get; init; } = [];

    public int Token { get; init; }

    public int Rule { get; init; }

    public int Rest { get; init; }

    public int Min { get; init; }

    public int Max { get; init; } = -1;

    /// <summary>Of a repetition: an empty text counts for nothing, so that it is not gone through over and over.</summary>
    public bool SkipsEmpty { get; init; }

    public LeafMachine? Machine { get; init; }
}
